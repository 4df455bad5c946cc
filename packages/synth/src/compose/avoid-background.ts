import { checkNumber, TabError, tensor, tensorOf } from '@tab/core'
import { foregroundFinder, type Foreground } from '../foreground/known-foreground.ts'
import type { Synthesizer } from '../report.ts'

const ATTEMPTS = 20

export interface AvoidBackgroundOptions {
  /** The least share of the defect that must be on the foreground; otherwise it is drawn again. Default 0.25. */
  readonly minimumOverlap?: number
}

/**
 * Keeps a synthesizer's defects on the object: changes to the background are undone, and a defect mostly on the background is drawn
 * again.
 * @param foreground a mask [H,W], a function that gives one, or `auto`: `foregroundMask`
 * @throws UNDEFINED_RESULT if 20 tries missed the object
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { avoidBackground, perlinAnomaly } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = avoidBackground(perlinAnomaly()).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // avoidBackground(perlinAnomaly) 120
 * ```
 */
export function avoidBackground(
  synthesizer: Synthesizer,
  foreground: Foreground = 'auto',
  { minimumOverlap = 0.25 }: AvoidBackgroundOptions = {},
): Synthesizer {
  checkNumber('avoidBackground', 'minimumOverlap', minimumOverlap, { above: 0, maximum: 1 })
  const foregroundOf = foregroundFinder('avoidBackground', foreground)
  const name = `avoidBackground(${synthesizer.name})`
  return {
    name,
    synthesize(image, rng) {
      for (let attempts = 1; attempts <= ATTEMPTS; attempts++) {
        const { image: drawn, mask, report } = synthesizer.synthesize(image, rng)
        const object = foregroundOf(image)
        const [pixels, kept] = [drawn.data.slice(), mask.data.slice()]
        let [before, after] = [0, 0]
        for (let pixel = 0; pixel < kept.length; pixel++) {
          if (kept[pixel] === 0) continue
          before++
          if (object[pixel] === 1) {
            after++
            continue
          }
          kept[pixel] = 0
          for (let at = pixel * 3; at < pixel * 3 + 3; at++) pixels[at] = image.data[at] as number
        }
        if (after < minimumOverlap * before || (before > 0 && pixels.every((value, at) => value === image.data[at])))
          continue
        return {
          image: tensor(drawn.shape, pixels),
          mask: tensorOf('uint8', mask.shape, kept),
          report: { kind: name, boxes: report.boxes, parameters: {}, attempts, steps: [report] },
        }
      }
      throw new TabError('UNDEFINED_RESULT', {
        where: `${name}.synthesize`,
        message: `no defect in ${ATTEMPTS} tries had a share of ${minimumOverlap} on the foreground`,
      })
    },
  }
}
