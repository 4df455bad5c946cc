import { assertImage, checkNumber, TabError, tensor, type Tensor } from '@tab/core'
import { resizeImage, type Size } from '../resize.ts'
import { heatmapColors, type HeatmapScale } from './heatmap-scale.ts'
import { regionOutline } from './region-outline.ts'
import { resizeMap } from './resize-map.ts'

export interface OverlayHeatmapOptions extends HeatmapScale {
  /** `[height, width]` of the picture. Default: that of the image. */
  readonly size?: Size
  /** Opacity of the strongest colours, 0 to 1. Default 0.6. */
  readonly opacity?: number
  /** Draws a line, one pixel wide, around the regions above `threshold`. Default false. */
  readonly outline?: boolean
  /** Red, green and blue of that line, 0 to 255. Default white. */
  readonly outlineColor?: readonly [red: number, green: number, blue: number]
}

/**
 * Lays an anomaly map over its image, in Node and in a browser. Low values leave the image clear.
 * @param image [H,W,3] in [0,1]
 * @param map [h,w] of any size, which is resized to the image's; higher is more anomalous
 * @returns an image [height,width,3] in [0,1]
 * @throws INVALID_ARGUMENT for other shapes, values outside [0,1], an opacity out of range, neither range nor threshold, or an
 *   outline without a threshold; NUMERICAL for a value that is not finite
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { overlayHeatmap } from '@tab/data'
 *
 * const image = tensor([1, 3, 3], new Float32Array(9).fill(0.5))
 * const map = tensor([1, 3], Float32Array.of(0, 1, 4))
 * const overlay = overlayHeatmap(image, map, { threshold: 2, outline: true })
 * console.log(Array.from(overlay.data, (value) => value.toFixed(2)).join(' ')) // 0.50 0.50 0.50 1.00 1.00 1.00 0.54 0.23 0.20
 * ```
 */
export function overlayHeatmap(image: Tensor, map: Tensor, options: OverlayHeatmapOptions): Tensor {
  const where = 'overlayHeatmap'
  const { threshold, opacity = 0.6, outline = false, outlineColor = [255, 255, 255] } = options
  assertImage(where, image)
  checkNumber(where, 'opacity', opacity, { minimum: 0, maximum: 1 })
  for (const level of outlineColor) checkNumber(where, 'outlineColor', level, { minimum: 0, maximum: 255 })
  const { colorOf, opacityOf } = heatmapColors(where, options)
  const [height, width] = options.size ?? (image.shape as readonly [number, number])
  const heat = resizeMap(where, map, [height, width]).data
  const pixels = resizeImage(image, [height, width]).data.slice()
  heat.forEach((value, index) => {
    const cover = opacity * opacityOf(value)
    const color = colorOf(value)
    for (let c = 0; c < 3; c++) {
      const at = index * 3 + c
      pixels[at] = (1 - cover) * (pixels[at] as number) + cover * ((color[c] as number) / 255)
    }
  })
  if (outline) {
    if (threshold === undefined) {
      throw new TabError('INVALID_ARGUMENT', { where, expected: 'a threshold for the outline', actual: 'none' })
    }
    const line = regionOutline(heat, height, width, threshold)
    const color = outlineColor.map((level) => level / 255)
    for (const index of line) pixels.set(color, index * 3)
  }
  return tensor([height, width, 3], pixels)
}
