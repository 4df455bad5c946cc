import * as tf from '@tensorflow/tfjs'
import type { Stage } from '../../architecture.ts'
import type { Pass } from '../batches/pair-stream.ts'
import { stackImages } from '../batches/stack-images.ts'
import type { AlignmentNetwork } from '../network/alignment-network.ts'
import { runStages, type StageFeatures } from '../network/run-stages.ts'
import type { SeenStatistics } from '../network/trainable-backbone.ts'
import type { LossTerms } from './loss-terms.ts'
import { weightedLoss } from './weighted-loss.ts'

/** The loss of a pass and its gradients, all kept until the caller disposes of them. */
export interface PassResult {
  /** Weighted sum. */
  readonly total: tf.Scalar
  /** Unweighted. */
  readonly terms: LossTerms<tf.Scalar>
  /** By the names of {@link AlignmentNetwork.learning}. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>
}

const NONE: SeenStatistics = new Map() // frozen BatchNorms see nothing

/**
 * Gradients of the weighted loss of a pass. BatchNorms in training move their running statistics.
 * @param dropoutSeed of the dropout of this pass
 */
export function passGradients(network: AlignmentNetwork, pass: Pass, dropoutSeed: string): PassResult {
  const { trained, learning, settings, firstLearning, lastStage } = network
  const { batchNorm } = settings
  const seen: SeenStatistics = new Map()
  let terms: LossTerms<tf.Scalar> = {}
  const { value, grads } = tf.tidy(() => {
    const images = stackImages([...pass.normals, ...pass.abnormals])
    // Without gradients: the stages before the first that learns, and the stem unless it learns with the first stage.
    const before = firstLearning > 0 ? trained.stem(images, 'frozen', NONE) : images
    const frozen = runStages(trained, before, [0, firstLearning], 'frozen', NONE)
    const reference = referenceFeatures(network, images, frozen)
    return tf.variableGrads(() => {
      const start = firstLearning > 0 ? frozen.value : trained.stem(images, batchNorm, seen)
      const rest = runStages(trained, start, [firstLearning, lastStage + 1], batchNorm, seen)
      const features = new Map([...frozen.features, ...rest.features])
      const loss = weightedLoss(network, pass, features, reference, dropoutSeed)
      terms = loss.terms
      return loss.total
    }, [...learning.values()])
  })
  trained.updateStatistics(seen)
  const gradients = new Map<string, tf.Tensor>()
  for (const [name, variable] of learning) {
    const gradient = grads[variable.name]
    if (gradient) gradients.set(name, gradient)
  }
  return { total: value, terms, gradients }
}

/** What the initial network gives at the patch layers; it shares the stages that never learn. */
function referenceFeatures(
  { initial, settings, firstLearning, lastStage }: AlignmentNetwork,
  images: tf.Tensor4D,
  frozen: StageFeatures,
): tf.Tensor4D[] {
  if (!initial) return []
  const start = firstLearning > 0 ? frozen.value : initial.stem(images, 'frozen', NONE)
  const rest = runStages(initial, start, [firstLearning, lastStage + 1], 'frozen', NONE)
  const features = new Map<Stage, tf.Tensor4D>([...frozen.features, ...rest.features])
  return settings.patchLayers.map((layer) => features.get(layer) as tf.Tensor4D)
}
