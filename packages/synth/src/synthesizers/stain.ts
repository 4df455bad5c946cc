import { randomUniform } from '@tab/core'
import { synthesizer } from '../canvas.ts'
import { foregroundFinder, type Foreground } from '../foreground/known-foreground.ts'
import { perlinNoise } from '../noise/perlin.ts'
import { checkKnown, checkRange, drawFrom, type Range } from '../options.ts'
import type { Synthesizer } from '../report.ts'
import { drawBlob, forCovered } from './blob.ts'

export interface StainOptions {
  /** The radius as a share of the image's shorter side. Default [0.03, 0.12]. */
  readonly radius?: Range
  /** How much of the original colour is lost at the centre. Default [0.25, 0.75]. */
  readonly strength?: Range
  /** Where its centre may be. Default `auto`: {@link foregroundMask}. */
  readonly foreground?: Foreground
}

/**
 * A stain: an uneven, mottled spot that dyes the surface darker or lighter. The mask reaches at most 1.4 radii from the centre.
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { stain } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = stain({ strength: [0.5, 0.75] }).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // stain 111
 * ```
 */
export function stain(options: StainOptions = {}): Synthesizer {
  checkKnown('stain', options, ['radius', 'strength', 'foreground'])
  const { radius = [0.03, 0.12], strength = [0.25, 0.75] } = options
  checkRange('stain', 'radius', radius, { above: 0, maximum: 0.5 })
  checkRange('stain', 'strength', strength, { above: 0, maximum: 1 })
  const foregroundOf = foregroundFinder('stain', options.foreground ?? 'auto')

  return synthesizer('stain', (canvas, rng) => {
    const side = Math.min(canvas.height, canvas.width)
    const size = Math.max(1.5, drawFrom(rng, radius) * side)
    const flattening = randomUniform(rng, 0.6, 1)
    const blob = drawBlob(canvas, rng, foregroundOf(canvas.image), [size, size * flattening], 0.4, 0.35)
    const opacity = drawFrom(rng, strength)
    const dark = rng() < 0.7
    const colour = [0, 1, 2].map(() => (dark ? randomUniform(rng, 0, 0.35) : randomUniform(rng, 0.65, 1)))
    const mottle = perlinNoise(rng, blob.box.height, blob.box.width, [6, 6], 0)
    const { pixels } = canvas
    forCovered(canvas, blob, (pixel, alpha, y, x) => {
      const spot = mottle[(y - blob.box.top) * blob.box.width + x - blob.box.left] as number
      const cover = alpha * Math.min(1, opacity * (1 + 0.35 * spot))
      for (let channel = 0; channel < 3; channel++) {
        const before = pixels[pixel * 3 + channel] as number
        pixels[pixel * 3 + channel] = before + cover * ((colour[channel] as number) - before)
      }
    })
    return { boxes: [blob.box], parameters: { radius: size, strength: opacity, colour } }
  })
}
