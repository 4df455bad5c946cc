import * as tf from '@tensorflow/tfjs'
import type { Stage } from '../../architecture.ts'
import type { Pass } from '../batches/pair-stream.ts'
import type { AlignmentNetwork } from '../network/alignment-network.ts'
import type { LossWeights } from '../settings.ts'
import { lossTerms, type LossTerms } from './loss-terms.ts'

/** The loss of a pass. */
export interface WeightedLoss {
  readonly total: tf.Scalar
  /** Before their weights; kept beyond a tidy. */
  readonly terms: LossTerms<tf.Scalar>
}

/** The terms of {@link lossTerms}, and their sum by the weights of the settings. */
export function weightedLoss(
  network: AlignmentNetwork,
  pass: Pass,
  features: ReadonlyMap<Stage, tf.Tensor4D>,
  reference: readonly tf.Tensor4D[],
  dropoutSeed: string,
): WeightedLoss {
  const { losses } = network.settings
  const terms = lossTerms(network, pass, features, reference, dropoutSeed)
  for (const term of Object.values(terms)) tf.keep(term)
  const weighted = Object.entries(terms).map(([name, term]) => tf.mul(term, losses[name as keyof LossWeights]))
  return { total: tf.addN(weighted) as tf.Scalar, terms }
}
