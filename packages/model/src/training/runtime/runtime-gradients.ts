import * as tf from '@tensorflow/tfjs'
import { toEngine } from '@tab/backend-tfjs'
import type { Tensor } from '@tab/core'
import { STAGES, type Stage } from '../../architecture.ts'
import type { Pass } from '../batches/pair-stream.ts'
import type { AlignmentNetwork } from '../network/alignment-network.ts'
import type { SeenStatistics } from '../network/trainable-backbone.ts'
import type { LossTerms } from '../step/loss-terms.ts'
import type { PassResult } from '../step/pass-gradients.ts'
import { weightedLoss } from '../step/weighted-loss.ts'
import { outputName } from './feature-graph.ts'
import type { FeatureRun, FeatureRuntime } from './feature-runtime.ts'

const BACKBONE = 'backbone/'

/**
 * What `passGradients` gives, with the backbone and its gradients by ONNX Runtime; heads and losses, which are small, stay on tfjs's engine.
 * @param dropoutSeed of the dropout of this pass
 */
export async function runtimeGradients(
  network: AlignmentNetwork,
  runtime: FeatureRuntime,
  pass: Pass,
  dropoutSeed: string,
): Promise<PassResult> {
  const weights = new Map<string, Float32Array>()
  for (const [name, variable] of network.learning) {
    if (name.startsWith(BACKBONE)) weights.set(name.slice(BACKBONE.length), (await variable.data()) as Float32Array)
  }
  const run = await runtime.run([...pass.normals, ...pass.abnormals], weights)
  const { total, terms, ofHeads, ofFeatures } = await lossGradients(network, pass, run, dropoutSeed)
  const gradients = new Map(ofHeads)
  try {
    const ofWeights = await run.backward(ofFeatures)
    for (const [name, gradient] of ofWeights) gradients.set(BACKBONE + name, toEngine(gradient))
  } catch (error) {
    tf.dispose([total, ...Object.values(terms), ...gradients.values()])
    throw error
  }
  moveStatistics(network, run)
  return { total, terms, gradients }
}

/** The loss, and its gradients by the heads and by the features. */
async function lossGradients(network: AlignmentNetwork, pass: Pass, { outputs }: FeatureRun, dropoutSeed: string) {
  const { heads, settings } = network
  const features = new Map<Stage, tf.Variable>()
  for (const stage of STAGES) {
    const value = outputs.get(outputName.features(stage))
    if (value)
      features.set(
        stage,
        tf.tidy(() => tf.variable(toEngine(value))),
      )
  }
  try {
    let terms: LossTerms<tf.Scalar> = {}
    const { value, grads } = tf.tidy(() => {
      const reference = settings.patchLayers.flatMap((stage) => {
        const first = outputs.get(outputName.reference(stage))
        return first ? [toEngine(first) as tf.Tensor4D] : []
      })
      const onEngine = features as ReadonlyMap<Stage, tf.Tensor> as ReadonlyMap<Stage, tf.Tensor4D>
      return tf.variableGrads(() => {
        const loss = weightedLoss(network, pass, onEngine, reference, dropoutSeed)
        terms = loss.terms
        return loss.total
      }, [...features.values(), ...heads.values()])
    })
    const ofHeads = new Map<string, tf.Tensor>()
    for (const [name, variable] of heads) {
      const gradient = grads[variable.name]
      if (gradient) ofHeads.set(`heads/${name}`, gradient)
    }
    const ofFeatures = new Map<string, Float32Array>()
    for (const [stage, variable] of features) {
      const gradient = grads[variable.name]
      const data = gradient ? ((await gradient.data()) as Float32Array) : new Float32Array(variable.size)
      ofFeatures.set(outputName.features(stage), data)
      gradient?.dispose()
    }
    return { total: value, terms, ofHeads, ofFeatures }
  } finally {
    tf.dispose([...features.values()])
  }
}

/** Moves the running statistics of the BatchNorms in training. */
function moveStatistics({ trained }: AlignmentNetwork, { outputs, counts }: FeatureRun): void {
  const seen: SeenStatistics = new Map()
  const part = (norm: string, name: 'mean' | 'variance'): tf.Tensor1D =>
    toEngine(outputs.get(outputName.statistics(norm, name)) as Tensor) as tf.Tensor1D
  for (const [norm, count] of counts) {
    seen.set(norm, { mean: part(norm, 'mean'), variance: part(norm, 'variance'), count })
  }
  trained.updateStatistics(seen)
}
