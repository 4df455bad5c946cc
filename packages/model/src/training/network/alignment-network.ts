import * as tf from '@tensorflow/tfjs'
import { toEngine } from '@tab/backend-tfjs'
import { TabError, tensor, type Tensor } from '@tab/core'
import { STAGES, type Stage } from '../../architecture.ts'
import type { Backbone } from '../../backbone.ts'
import type { TrainingClass } from '../batches/training-class.ts'
import { imageHeadWeights } from '../heads/image-head.ts'
import { patchHeadWeights } from '../heads/patch-head.ts'
import { INITIAL_LOG_SCALE } from '../losses/temperature.ts'
import type { PretrainSettings } from '../settings.ts'
import { trainableBackbone, type TrainableBackbone } from './trainable-backbone.ts'

/** Backbone, heads and prototypes on the engine. */
export interface AlignmentNetwork {
  readonly settings: PretrainSettings
  readonly trained: TrainableBackbone
  /** The backbone as it was before the first step, where preservation needs it. */
  readonly initial: TrainableBackbone | undefined
  /** Heads and `logScale`, by name; linear layers [in,out]. */
  readonly heads: ReadonlyMap<string, tf.Variable>
  /** Everything that takes gradients, under `backbone/` and `heads/`. */
  readonly learning: ReadonlyMap<string, tf.Variable>
  /** Everything that a training changes: what learns, and running statistics that move. */
  readonly changing: ReadonlyMap<string, tf.Variable>
  /** [K,D] each, unit vectors. */
  readonly prototypes: { readonly normal: tf.Tensor2D; readonly abnormal: tf.Tensor2D }
  /** Of the text space. */
  readonly dimension: number
  /** Number of the first stage that learns, and of the last that is computed. */
  readonly firstLearning: number
  readonly lastStage: number
  dispose(): void
}

/** Name of the image head of a state. */
export function headOf(state: 'normal' | 'abnormal', { heads }: Pick<PretrainSettings, 'heads'>): string {
  return heads === 'shared' ? 'image' : `image.${state}`
}

/**
 * Builds it on tfjs's current engine.
 * @throws INVALID_ARGUMENT for a backbone that lacks a stage of the settings
 */
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
  const numberOf = (stage: Stage): number => STAGES.indexOf(stage)
  const firstLearning = Math.min(...trainableStages.map(numberOf))
  const trained = trainableBackbone(backbone, STAGES.slice(0, firstLearning))
  const initial = losses.preservation > 0 ? trainableBackbone(backbone, STAGES) : undefined
  const heads = headVariables(backbone, dimension, settings, seed)
  const named = (prefix: string, variables: Iterable<[string, tf.Variable]>) =>
    [...variables].map(([name, variable]) => [`${prefix}/${name}`, variable] as const)
  const learning = new Map([...named('backbone', trained.trainable(trainableStages)), ...named('heads', heads)])
  const lastStage = Math.max(...needed.map(numberOf))
  const moving = batchNorm === 'train' ? trained.statistics(STAGES.slice(firstLearning, lastStage + 1)) : []
  const stack = (state: 'normal' | 'abnormal'): tf.Tensor2D =>
    tf.keep(tf.tidy(() => tf.stack(classes.map(({ prototypes }) => toEngine(prototypes[state]))) as tf.Tensor2D))
  const prototypes = { normal: stack('normal'), abnormal: stack('abnormal') }
  return {
    settings,
    trained,
    initial,
    heads,
    learning,
    changing: new Map([...learning, ...named('backbone', moving)]),
    prototypes,
    dimension,
    firstLearning,
    lastStage,
    dispose() {
      trained.dispose()
      initial?.dispose()
      tf.dispose([...heads.values(), prototypes.normal, prototypes.abnormal])
    },
  }
}

function headVariables(
  { layers }: Backbone,
  dimension: number,
  settings: PretrainSettings,
  seed: number,
): Map<string, tf.Variable> {
  const channelsOf = (stage: Stage): number => layers[STAGES.indexOf(stage)]?.channels as number
  const prefixes = new Set([headOf('normal', settings), headOf('abnormal', settings)])
  const weights: [string, Tensor][] = [
    ['logScale', tensor([], Float32Array.of(INITIAL_LOG_SCALE))],
    ...[...prefixes].flatMap((prefix) => [
      ...imageHeadWeights(seed, prefix, channelsOf(settings.imageLayer), dimension),
    ]),
    ...settings.patchLayers.flatMap((layer) => [...patchHeadWeights(seed, layer, channelsOf(layer), dimension)]),
  ]
  return new Map(
    weights.map(([name, weight]) => {
      const start = toEngine(weight)
      const variable = tf.variable(start)
      start.dispose()
      return [name, variable]
    }),
  )
}
