import { checkNumber, TabError } from '@tab/core'
import type { Synthesizer } from '../report.ts'

/**
 * Draws one of several synthesizers per image, by weight; the report is that of the one drawn.
 * @param parts weights (not all 0; they need not add up to 1) and synthesizers
 * @throws INVALID_ARGUMENT if there are no parts, a weight is negative or all weights are 0
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { mixture, scratch, stain } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = mixture([[3, scratch()], [1, stain()]]).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // stain 22
 * ```
 */
export function mixture(parts: readonly (readonly [weight: number, synthesizer: Synthesizer])[]): Synthesizer {
  parts.forEach(([weight], index) => checkNumber('mixture', `weight ${index}`, weight, { minimum: 0 }))
  const total = parts.reduce((sum, [weight]) => sum + weight, 0)
  if (total === 0) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'mixture',
      message: 'needs at least one part with a weight above 0',
    })
  }
  return {
    name: `mixture(${parts.map(([, { name }]) => name).join(', ')})`,
    synthesize(image, rng) {
      let left = rng() * total
      const drawn = parts.find(([weight]) => (left -= weight) < 0)
      const last = parts.findLast(([weight]) => weight > 0) as (typeof parts)[number]
      return (drawn ?? last)[1].synthesize(image, rng)
    },
  }
}
