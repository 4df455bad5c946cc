import { checkNumber } from '@tab/core'
import { synthesizer } from '../canvas.ts'
import { foregroundFinder, type Foreground } from '../foreground/known-foreground.ts'
import { cropResized } from '../image/bilinear.ts'
import { gaussianBlur } from '../image/gaussian-blur.ts'
import { checkKnown, checkRange, drawFrom, type Range } from '../options.ts'
import type { Synthesizer } from '../report.ts'
import { drawBlob, forCovered } from './blob.ts'

export interface BlurSpotOptions {
  /** The radius as a share of the image's shorter side. Default [0.06, 0.18]. */
  readonly radius?: Range
  /** The standard deviation of the blur in pixels, for an image whose shorter side is 256. Default [2.5, 6]. */
  readonly sigma?: Range
  /** The strength of a grey veil over the spot, as from grease or condensation. Default 0.3. */
  readonly haze?: number
  /** Where its centre may be. Default `auto`: {@link foregroundMask}. */
  readonly foreground?: Foreground
}

/**
 * A spot that lost its texture: smeared, worn smooth or fogged. The mask reaches at most 1.3 radii from the centre.
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { blurSpot } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = blurSpot({ haze: 0.5 }).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // blurSpot 325
 * ```
 */
export function blurSpot(options: BlurSpotOptions = {}): Synthesizer {
  checkKnown('blurSpot', options, ['radius', 'sigma', 'haze', 'foreground'])
  const { radius = [0.06, 0.18], sigma: sigmas = [2.5, 6], haze = 0.3 } = options
  checkRange('blurSpot', 'radius', radius, { above: 0, maximum: 0.5 })
  checkRange('blurSpot', 'sigma', sigmas, { above: 0, maximum: 64 })
  checkNumber('blurSpot', 'haze', haze, { minimum: 0, maximum: 1 })
  const foregroundOf = foregroundFinder('blurSpot', options.foreground ?? 'auto')

  return synthesizer('blurSpot', (canvas, rng) => {
    const { height, width, source, pixels } = canvas
    const side = Math.min(height, width)
    const size = Math.max(2, drawFrom(rng, radius) * side)
    const blob = drawBlob(canvas, rng, foregroundOf(canvas.image), [size, size], 0.3, 0.4)
    const sigma = Math.max(0.5, (drawFrom(rng, sigmas) * side) / 256)
    const { top, left, height: rows, width: columns } = blob.box
    const smooth = gaussianBlur(
      cropResized({ height, width, data: source }, top, left, rows, columns, rows, columns),
      sigma,
    )
    const veil = smooth.data.reduce((sum, value) => sum + value, 0) / smooth.data.length
    forCovered(canvas, blob, (pixel, alpha, y, x) => {
      const at = ((y - top) * columns + x - left) * 3
      for (let channel = 0; channel < 3; channel++) {
        const before = pixels[pixel * 3 + channel] as number
        const blurred = smooth.data[at + channel] as number
        pixels[pixel * 3 + channel] = before + alpha * (blurred + haze * (0.5 * veil + 0.35 - blurred) - before)
      }
    })
    return { boxes: [blob.box], parameters: { radius: size, sigma, haze } }
  })
}
