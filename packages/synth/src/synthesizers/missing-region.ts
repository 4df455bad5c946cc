import { TabError, randomUniform, type Tensor } from '@tab/core'
import { synthesizer } from '../canvas.ts'
import { foregroundFinder, type Foreground } from '../foreground/known-foreground.ts'
import { checkKnown, checkRange, drawFrom, type Range } from '../options.ts'
import type { Synthesizer } from '../report.ts'
import { drawBlob, forCovered } from './blob.ts'

export interface MissingRegionOptions {
  /** The radius as a share of the image's shorter side. Default [0.05, 0.15]. */
  readonly radius?: Range
  /**
   * What shows through the gap: the colour of the background (its mean; a dark hole if everything is foreground), or a colour in
   * [0,1]. Default `background`.
   */
  readonly fill?: 'background' | readonly [number, number, number]
  /** Where its centre may be. Default `auto`: {@link foregroundMask}. */
  readonly foreground?: Foreground
}

/**
 * A missing piece, with a hard uneven edge and a shadow along it. The mask reaches at most 1.5 radii from the centre.
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { missingRegion } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = missingRegion({ fill: [0, 0, 0] }).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // missingRegion 194
 * ```
 */
export function missingRegion(options: MissingRegionOptions = {}): Synthesizer {
  checkKnown('missingRegion', options, ['radius', 'fill', 'foreground'])
  const { radius = [0.05, 0.15], fill = 'background' } = options
  checkRange('missingRegion', 'radius', radius, { above: 0, maximum: 0.5 })
  if (fill !== 'background' && !(fill.length === 3 && fill.every((value) => value >= 0 && value <= 1))) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'missingRegion',
      expected: 'fill must be "background" or three numbers in [0,1]',
      actual: JSON.stringify(fill),
    })
  }
  const foregroundOf = foregroundFinder('missingRegion', options.foreground ?? 'auto')

  return synthesizer('missingRegion', (canvas, rng) => {
    const { pixels, image } = canvas
    const foreground = foregroundOf(image)
    const size = Math.max(2, drawFrom(rng, radius) * Math.min(canvas.height, canvas.width))
    const blob = drawBlob(canvas, rng, foreground, [size, size * randomUniform(rng, 0.6, 1)], 0.5, 0.12)
    const colour = fill === 'background' ? backgroundColour(image, foreground) : fill
    forCovered(canvas, blob, (pixel, alpha) => {
      // Background outside the object has nothing to lose.
      if (foreground[pixel] === 0) {
        canvas.mask[pixel] = 0
        return
      }
      const shadow = 1 - 0.3 * (4 * alpha * (1 - alpha))
      for (let channel = 0; channel < 3; channel++) {
        const before = pixels[pixel * 3 + channel] as number
        pixels[pixel * 3 + channel] = (before + alpha * ((colour[channel] as number) - before)) * shadow
      }
    })
    return { boxes: [blob.box], parameters: { radius: size, colour: [...colour] } }
  })
}

function backgroundColour({ data }: Tensor, foreground: Uint8Array): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0]
  const whole: [number, number, number] = [0, 0, 0]
  let count = 0
  for (let pixel = 0; pixel < foreground.length; pixel++) {
    const outside = foreground[pixel] === 0 ? 1 : 0
    count += outside
    for (let channel = 0; channel < 3; channel++) {
      const value = data[pixel * 3 + channel] as number
      whole[channel as 0] += value
      sums[channel as 0] += outside * value
    }
  }
  const of = (values: readonly number[], scale: number): [number, number, number] =>
    values.map((value) => value * scale) as [number, number, number]
  return count > 0 ? of(sums, 1 / count) : of(whole, 0.25 / foreground.length)
}
