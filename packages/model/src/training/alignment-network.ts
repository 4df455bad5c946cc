import * as tf from '@tensorflow/tfjs'
import { toEngine } from '@tab/backend-tfjs'
import { deriveRng, TabError, tensor, type Tensor } from '@tab/core'
import { STAGES, type Stage } from '../architecture.ts'
import type { Backbone } from '../backbone.ts'
import { coverOf, type Pass } from './batches/pair-stream.ts'
import type { TrainingClass } from './batches/training-class.ts'
import { imageHead, imageHeadWeights } from './heads/image-head.ts'
import { patchHead, patchHeadWeights } from './heads/patch-head.ts'
import { classAlignment } from './losses/class-alignment.ts'
import { patchAlignment } from './losses/patch-alignment.ts'
import { preservation } from './losses/preservation.ts'
import { separation } from './losses/separation.ts'
import { stateAlignment } from './losses/state-alignment.ts'
import { INITIAL_LOG_SCALE, similarityScale } from './losses/temperature.ts'
import { jointFeatures } from './network/joint-features.ts'
import {
  trainableBackbone,
  type BatchNormMode,
  type SeenStatistics,
  type TrainableBackbone,
} from './network/trainable-backbone.ts'
import type { LossWeights, PretrainSettings } from './settings.ts'

/** The loss of a pass and its gradients, all kept until the caller disposes of them. */
export interface PassResult {
  readonly total: tf.Scalar
  /** Unweighted. */
  readonly terms: Readonly<Partial<Record<keyof LossWeights, tf.Scalar>>>
  /** By the names of {@link AlignmentNetwork.learning}. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>
}

/** Backbone, heads and prototypes on the engine. */
export interface AlignmentNetwork {
  readonly trained: TrainableBackbone
  /** Heads and `logScale`, by name; linear layers [in,out]. */
  readonly heads: ReadonlyMap<string, tf.Variable>
  /** Everything that takes gradients. */
  readonly learning: ReadonlyMap<string, tf.Variable>
  /** @param dropoutSeed of the masks of this pass */
  gradients(pass: Pass, dropoutSeed: string): PassResult
  /** Cosine to the abnormal less cosine to the normal prototype of the class, of images [N,H,W,3]: [N]. */
  stateScores(images: tf.Tensor4D, classIndex: number): tf.Tensor1D
  dispose(): void
}

/** Builds it on tfjs's current engine. */
export function alignmentNetwork(
  backbone: Backbone,
  classes: readonly TrainingClass[],
  dimension: number,
  settings: PretrainSettings,
  seed: number,
): AlignmentNetwork {
  const { losses, imageLayer, patchLayers, trainableStages, batchNorm } = settings
  const needed = [imageLayer, ...patchLayers, ...trainableStages]
  const lacking = needed.find((stage) => !backbone.layers.some(({ name }) => name === stage))
  if (lacking !== undefined) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'pretrain',
      expected: `a backbone with ${lacking}`,
      actual: `one that ends at ${backbone.lastStage}`,
    })
  }
  const last = Math.max(...needed.map((stage) => STAGES.indexOf(stage)))
  const firstLearning = Math.min(...trainableStages.map((stage) => STAGES.indexOf(stage)))
  const channelsOf = (stage: Stage): number => backbone.layers[STAGES.indexOf(stage)]?.channels as number

  const trained = trainableBackbone(backbone, STAGES.slice(0, firstLearning))
  const initial = losses.preservation > 0 ? trainableBackbone(backbone, STAGES) : undefined
  const weights = new Map<string, Tensor>([['logScale', tensor([], Float32Array.of(INITIAL_LOG_SCALE))]])
  const prefixes = settings.heads === 'shared' ? ['image'] : ['image.normal', 'image.abnormal']
  const parts = [
    ...prefixes.map((prefix) => imageHeadWeights(seed, prefix, channelsOf(imageLayer), dimension)),
    ...patchLayers.map((layer) => patchHeadWeights(seed, layer, channelsOf(layer), dimension)),
  ]
  for (const part of parts) for (const [name, weight] of part) weights.set(name, weight)
  const heads = new Map(
    [...weights].map(([name, weight]) => {
      const start = toEngine(weight)
      const variable = tf.variable(start)
      start.dispose()
      return [name, variable]
    }),
  )
  const learning = new Map<string, tf.Variable>([
    ...[...trained.trainable(trainableStages)].map(([name, variable]) => [`backbone/${name}`, variable] as const),
    ...[...heads].map(([name, variable]) => [`heads/${name}`, variable] as const),
  ])
  const stack = (state: 'normal' | 'abnormal'): tf.Tensor2D =>
    tf.keep(tf.tidy(() => tf.stack(classes.map(({ prototypes }) => toEngine(prototypes[state]))) as tf.Tensor2D))
  const prototypes = { normal: stack('normal'), abnormal: stack('abnormal') }

  /** Features of the stages number `from` to `to - 1`, and what the last of them gives; `input` is what the stage before gives. */
  function runStages(
    network: TrainableBackbone,
    input: tf.Tensor4D,
    [from, to]: readonly [number, number],
    mode: BatchNormMode,
    seen: SeenStatistics,
  ) {
    const features = new Map<Stage, tf.Tensor4D>()
    let value = input
    for (const stage of STAGES.slice(from, to)) {
      value = network.stage(stage, value, mode, seen)
      features.set(stage, value)
    }
    return { value, features }
  }

  function lossesOf(
    pass: Pass,
    features: ReadonlyMap<Stage, tf.Tensor4D>,
    reference: readonly tf.Tensor4D[],
    dropoutSeed: string,
  ) {
    const { plan, masks } = pass
    const count = plan.images.length
    const indices = plan.images.map(({ classIndex }) => classIndex)
    const scale = similarityScale(heads.get('logScale') as unknown as tf.Scalar)
    const layers = patchLayers.map((layer) => features.get(layer) as tf.Tensor4D)
    const half = (x: tf.Tensor4D, which: 0 | 1): tf.Tensor4D =>
      tf.slice(x, [which * count, 0, 0, 0], [count, ...x.shape.slice(1)] as [number, number, number, number])
    const covers = layers.map(({ shape: [, height, width] }) => {
      const cover = new Float32Array(2 * count * height * width) // normal images first: nothing is covered
      masks.forEach((mask, index) => cover.set(coverOf(mask, height, width), (count + index) * height * width))
      return { data: cover, onEngine: tf.tensor3d(cover, [2 * count, height, width]) }
    })
    const terms: Partial<Record<keyof LossWeights, tf.Scalar>> = {}
    if (losses.classAlignment > 0 || losses.stateAlignment > 0) {
      const pooled = tf.mean(features.get(imageLayer) as tf.Tensor4D, [1, 2]) as tf.Tensor2D
      const keep = dropoutMask(dropoutSeed, 2 * count, dimension, settings.dropout)
      const side = (which: 0 | 1): tf.Tensor2D =>
        imageHead(
          tf.slice(pooled, [which * count, 0], [count, pooled.shape[1]]),
          heads,
          prefixes.at(which) ?? 'image',
          tf.slice(keep, [which * count, 0], [count, dimension]),
        )
      const images = [side(0), side(1), prototypes.normal, prototypes.abnormal] as const
      if (losses.classAlignment > 0) terms.classAlignment = classAlignment(...images, indices, scale)
      if (losses.stateAlignment > 0) terms.stateAlignment = stateAlignment(...images, indices, scale)
    }
    if (losses.patchAlignment > 0) {
      const own = tf.tensor1d([...indices, ...indices], 'int32')
      const [normal, abnormal] = [tf.gather(prototypes.normal, own), tf.gather(prototypes.abnormal, own)]
      const each = layers.map((layer, index) => {
        const patches = patchHead(layer, heads, patchLayers[index] as Stage)
        return patchAlignment(patches, covers[index]?.onEngine as tf.Tensor3D, normal, abnormal, scale)
      })
      terms.patchAlignment = tf.div(tf.addN(each), each.length)
    }
    if (losses.separation > 0) {
      const joint = jointFeatures(layers)
      const cover = covers[0]?.data as Float32Array // the joint features lie on the finest grid
      terms.separation = separation(
        half(joint, 0),
        half(joint, 1),
        { data: cover.subarray(cover.length / 2) },
        plan.runs,
      )
    }
    if (losses.preservation > 0) {
      terms.preservation = preservation(
        layers,
        reference,
        covers.map(({ onEngine }) => onEngine),
      )
    }
    return terms
  }

  const none: SeenStatistics = new Map() // frozen BatchNorms see nothing

  return {
    trained,
    heads,
    learning,
    gradients(pass, dropoutSeed) {
      const seen: SeenStatistics = new Map()
      let terms: Partial<Record<keyof LossWeights, tf.Scalar>> = {}
      const result = tf.tidy(() => {
        const images = stackImages([...pass.normals, ...pass.abnormals])
        // Without gradients: the stages before the first that learns, and the stem unless it learns with the first stage.
        const before = firstLearning > 0 ? trained.stem(images, 'frozen', none) : images
        const frozen = runStages(trained, before, [0, firstLearning], 'frozen', none)
        let reference: tf.Tensor4D[] = []
        if (initial) {
          const start = firstLearning > 0 ? frozen.value : initial.stem(images, 'frozen', none)
          const rest = runStages(initial, start, [firstLearning, last + 1], 'frozen', none)
          const first = new Map([...frozen.features, ...rest.features])
          reference = patchLayers.map((layer) => first.get(layer) as tf.Tensor4D)
        }
        const { value, grads } = tf.variableGrads(() => {
          const start = firstLearning > 0 ? frozen.value : trained.stem(images, batchNorm, seen)
          const rest = runStages(trained, start, [firstLearning, last + 1], batchNorm, seen)
          const features = new Map([...frozen.features, ...rest.features])
          terms = lossesOf(pass, features, reference, dropoutSeed)
          for (const term of Object.values(terms)) tf.keep(term)
          const weighted = Object.entries(terms).map(([name, term]) => tf.mul(term, losses[name as keyof LossWeights]))
          return tf.addN(weighted) as tf.Scalar
        }, [...learning.values()])
        return { value, grads }
      })
      trained.updateStatistics(seen)
      const gradients = new Map<string, tf.Tensor>()
      for (const [name, variable] of learning) {
        const gradient = result.grads[variable.name]
        if (gradient) gradients.set(name, gradient)
      }
      return { total: result.value, terms, gradients }
    },
    stateScores: (images, classIndex) =>
      tf.tidy(() => {
        const stem = trained.stem(images, 'frozen', none)
        const { value } = runStages(trained, stem, [0, STAGES.indexOf(imageLayer) + 1], 'frozen', none)
        const pooled = tf.mean(value, [1, 2]) as tf.Tensor2D
        const cosine = (state: 'normal' | 'abnormal'): tf.Tensor => {
          const prefix = settings.heads === 'shared' ? 'image' : `image.${state}`
          const prototype = tf.slice(prototypes[state], [classIndex, 0], [1, dimension])
          return tf.matMul(imageHead(pooled, heads, prefix), tf.transpose(prototype))
        }
        return tf.reshape(tf.sub(cosine('abnormal'), cosine('normal')), [images.shape[0]]) as tf.Tensor1D
      }),
    dispose() {
      trained.dispose()
      initial?.dispose()
      tf.dispose([...heads.values(), prototypes.normal, prototypes.abnormal])
    },
  }
}

/** Host images [H,W,3] of one size as one batch of the engine. */
export function stackImages(images: readonly Tensor[]): tf.Tensor4D {
  const [height, width] = (images[0] as Tensor).shape as [number, number]
  const data = new Float32Array(images.length * height * width * 3)
  images.forEach((image, index) => data.set(image.data, index * height * width * 3))
  return tf.tensor4d(data, [images.length, height, width, 3])
}

/** Inverted dropout: 0 with the given rate, else 1 / (1 - rate). */
function dropoutMask(seed: string, rows: number, columns: number, rate: number): tf.Tensor2D {
  const rng = deriveRng(seed, 'dropout')
  const data = Float32Array.from({ length: rows * columns }, () => (rng() < rate ? 0 : 1 / (1 - rate)))
  return tf.tensor2d(data, [rows, columns])
}
