import { checkNumber, tensor, tensorOf } from '@tab/core'
import { checkImage } from '../canvas.ts'
import type { Synthesizer } from '../report.ts'

/**
 * Applies the synthesizer with a given probability. Otherwise it returns a copy of the image with an empty mask, and the report has
 * the kind `unchanged`.
 * @param probability in [0, 1]
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { withProbability, scratch } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = withProbability(0.5, scratch()).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // unchanged 0
 * ```
 */
export function withProbability(probability: number, synthesizer: Synthesizer): Synthesizer {
  checkNumber('withProbability', 'probability', probability, { minimum: 0, maximum: 1 })
  const name = `withProbability(${probability}, ${synthesizer.name})`
  return {
    name,
    synthesize(image, rng) {
      if (rng() < probability) return synthesizer.synthesize(image, rng)
      checkImage(`${name}.synthesize`, image)
      const [height, width] = image.shape as [number, number]
      return {
        image: tensor(image.shape, image.data.slice()),
        mask: tensorOf('uint8', [height, width], new Uint8Array(height * width)),
        report: { kind: 'unchanged', boxes: [], parameters: {}, attempts: 1 },
      }
    },
  }
}
