import { tensorOf, type Tensor } from '@tab/core'
import type { Size } from '../resize.ts'
import { heatmapColors, type HeatmapScale } from './heatmap-scale.ts'
import { resizeMap } from './resize-map.ts'

export interface RenderHeatmapOptions extends HeatmapScale {
  /** `[height, width]` of the picture. Default: that of the map. */
  readonly size?: Size
  /** Makes low values transparent, so that the picture can be laid over a photograph. Default false. */
  readonly transparent?: boolean
}

/**
 * Draws an anomaly map in colours, in Node and in a browser.
 * @param map [H,W], higher is more anomalous; one map of a prediction's `maps`
 * @returns RGBA levels [height,width,4], as canvases and image encoders take them
 * @throws INVALID_ARGUMENT for another shape, an impossible size, an empty range, or neither range nor threshold; NUMERICAL for a
 *   value that is not finite
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { renderHeatmap } from '@tab/data'
 *
 * const map = tensor([1, 3], Float32Array.of(0, 1, 2))
 * const picture = renderHeatmap(map, { threshold: 1, size: [10, 30] })
 * console.log(picture.shape, [...picture.data.slice(0, 4)]) // [ 10, 30, 4 ] [ 35, 23, 27, 255 ]
 * ```
 */
export function renderHeatmap(map: Tensor, options: RenderHeatmapOptions): Tensor<'uint8'> {
  const where = 'renderHeatmap'
  const { colorOf, opacityOf } = heatmapColors(where, options)
  const { shape, data } = resizeMap(where, map, options.size)
  const pixels = new Uint8Array(data.length * 4)
  data.forEach((value, index) => {
    pixels.set(colorOf(value), index * 4)
    pixels[index * 4 + 3] = options.transparent ? Math.round(255 * opacityOf(value)) : 255
  })
  return tensorOf('uint8', [...shape, 4], pixels)
}
