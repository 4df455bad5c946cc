import { checkNumber, TabError } from '@tab/core'
import type { Synthesizer } from '../report.ts'

/**
 * One of several synthesizers an image, drawn by weight; the report is that of the one drawn.
 * @param parts weights (not all 0; they need not add up to 1) and synthesizers
 * @throws INVALID_ARGUMENT for no parts, a negative weight or weights that are all 0
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
