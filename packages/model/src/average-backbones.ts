import { checkNumber, TabError, tensor, type Tensor } from '@tab/core'
import { STAGES, type Stage } from './architecture.ts'
import type { Backbone } from './backbone.ts'

/** A part of a network with a share of its own: the stem is what lies before `layer1`. */
export type AveragedPart = 'stem' | Stage

/**
 * The weights between those of two backbones of one network: `(1 - share) * first + share * second`, computed in float64, for convolutions and
 * BatchNorms alike. Between the weights that a training began with and those that it ended with lie networks that keep more of what the first
 * could do elsewhere.
 * @param share of the second, from 0 to 1: one for all parts, or for some, of which the others stay as in the first. Default 0.5
 * @throws INCOMPATIBLE for backbones of other architectures, depths or normalisations, INVALID_ARGUMENT for a share outside [0,1]
 * @see Wortsman et al. 2022, Robust fine-tuning of zero-shot models, equation 1 (arXiv 2109.01903)
 * @example
 * ```ts
 * import { averageBackbones, createBackbone } from '@tab/model'
 *
 * const before = createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer1' })
 * const after = createBackbone({ architecture: 'resnet18', seed: 2, lastStage: 'layer1' })
 * const between = averageBackbones(before, after, { layer1: 0.5 })
 * console.log(between.parameters.get('conv1.weight') === before.parameters.get('conv1.weight')) // true
 * ```
 */
export function averageBackbones(
  first: Backbone,
  second: Backbone,
  share: number | Readonly<Partial<Record<AveragedPart, number>>> = 0.5,
): Backbone {
  const where = 'averageBackbones'
  const [expected, actual] = [first, second].map(described) as [string, string]
  if (expected !== actual) throw new TabError('INCOMPATIBLE', { where, expected, actual })
  const shares = typeof share === 'number' ? undefined : new Map(Object.entries(share))
  const parts: readonly string[] = ['stem', ...STAGES]
  for (const part of shares?.keys() ?? []) {
    if (!parts.includes(part)) {
      throw new TabError('INVALID_ARGUMENT', { where, expected: `shares of ${parts.join(', ')}`, actual: part })
    }
  }
  const shareOf = (part: string): number => shares?.get(part) ?? (typeof share === 'number' ? share : 0)
  for (const part of parts) checkNumber(where, `share of ${part}`, shareOf(part), { minimum: 0, maximum: 1 })
  const parameters = [...first.parameters].map(([name, from]): [string, Tensor] => {
    const [stage = ''] = name.split('.')
    const to = second.parameters.get(name) as Tensor
    return [name, between(from, to, shareOf(parts.includes(stage) ? stage : 'stem'))]
  })
  return { ...first, parameters: new Map(parameters) }
}

function between(from: Tensor, to: Tensor, share: number): Tensor {
  if (share === 0) return from
  return tensor(
    from.shape,
    from.data.map((value, index) => (1 - share) * value + share * (to.data[index] as number)),
  )
}

function described({ architecture, lastStage, normalization: { mean, std } }: Backbone): string {
  return `${architecture} to ${lastStage}, mean ${mean.join(' ')}, std ${std.join(' ')}`
}
