import { TabError, tensorOf } from '@tab/core'
import type { ExplainedAnomaly, Synthesizer } from '../report.ts'

/**
 * Puts several defects on one image, one after another; the mask is their union.
 * @throws INVALID_ARGUMENT if there are no parts
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { chain, scratch, stain } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = chain([scratch(), stain()]).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // chain(scratch, stain) 143
 * ```
 */
export function chain(parts: readonly Synthesizer[]): Synthesizer {
  if (parts.length === 0) throw new TabError('INVALID_ARGUMENT', { where: 'chain', message: 'needs at least one part' })
  const name = `chain(${parts.map((part) => part.name).join(', ')})`
  return {
    name,
    synthesize(image, rng) {
      const steps: ExplainedAnomaly[] = []
      for (const part of parts) steps.push(part.synthesize(steps.at(-1)?.image ?? image, rng))
      const { image: last, mask } = steps.at(-1) as ExplainedAnomaly
      const union = mask.data.map((_, pixel) => (steps.some((step) => step.mask.data[pixel] === 1) ? 1 : 0))
      return {
        image: last,
        mask: tensorOf('uint8', mask.shape, union),
        report: {
          kind: name,
          boxes: steps.flatMap(({ report }) => report.boxes),
          parameters: {},
          attempts: 1,
          steps: steps.map(({ report }) => report),
        },
      }
    },
  }
}
