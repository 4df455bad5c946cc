import { toHost } from '@tab/backend-tfjs'
import { checkNumber, TabError, type AnomalySynthesizer, type LongTaskOptions, type Tensor } from '@tab/core'
import type { Alignment } from '../alignment.ts'
import type { Backbone } from '../backbone.ts'
import { weightsDigest } from '../weights-digest.ts'
import { inThisThread, type AnomalyStream } from './batches/pair-stream.ts'
import { checkClasses, splitClasses, type ClassSplit, type TrainingClass } from './batches/training-class.ts'
import { alignmentNetwork, type AlignmentNetwork } from './network/alignment-network.ts'
import { adamW, sgd } from './optimizers/optimizer.ts'
import { PRETRAIN_PRESETS } from './presets.ts'
import { featureRuntime, planOf, type OnnxTraining } from './runtime/feature-runtime.ts'
import { checkSettings, type PretrainSettings } from './settings.ts'
import { disposeState, finite, liveState } from './state/live-state.ts'
import { engineName, identityOf, type TrainingIdentity } from './state/training-identity.ts'
import type { Judgement } from './state/training-state.ts'
import type { StepRecord } from './step/step-record.ts'
import { train, type Checkpoints } from './trainer.ts'
import { countJudged, DEFAULT_IMAGES, DEFAULT_SHARE, type ValidationOptions } from './validation/validate.ts'

export interface PretrainOptions extends LongTaskOptions {
  /** Where to start; it is not changed. */
  readonly backbone: Backbone
  readonly classes: readonly TrainingClass[]
  /** What makes anomalies, in this thread or by a stream of its own such as a worker pool. */
  readonly anomalies: AnomalySynthesizer | AnomalyStream
  /** The spec of the anomalies as plain data, for the identity of checkpoints: a training of another spec does not resume from them. */
  readonly anomalySpec?: unknown
  /** Id of the text model that made the prototypes, for the same. */
  readonly textModel?: string
  /** Default `PRETRAIN_PRESETS.tab`. */
  readonly settings?: PretrainSettings
  /** Seed of every random choice. */
  readonly seed: number
  readonly validation?: ValidationOptions
  /** Training resumes from a saved state, to the same weights as without the stop. */
  readonly checkpoints?: Checkpoints
  readonly onStep?: (record: StepRecord) => void
  /** Computes the backbone and its gradients by ONNX Runtime, several times as fast on a processor; heads, losses and updates stay on tfjs. */
  readonly onnx?: OnnxTraining
}

export interface PretrainResult {
  readonly backbone: Backbone
  readonly alignment: Alignment
  /** Steps of this run; those before a checkpoint are not among them. */
  readonly history: readonly StepRecord[]
  /** Every validation, earlier runs' included; the first comes before the first step. */
  readonly validations: readonly Judgement[]
  /** The validation of exactly the weights returned; undefined without validation. */
  readonly returned: Judgement | undefined
  /** Held-out good images that every validation judges; as many anomalies are made of them. 0 without validation. */
  readonly judgedImages: number
  readonly stoppedEarly: boolean
  /** tfjs's name of the engine, after `onnx+` where ONNX Runtime computes the backbone. */
  readonly engine: string
}

const WHERE = 'pretrain'

/**
 * Aligns a backbone with text: normal and synthetic-abnormal images of each class with the prototypes of its two states. Runs on tfjs's
 * current engine (see `selectEngine`); the same seed gives the same weights on the same engine.
 * @throws INVALID_ARGUMENT for settings, classes or a backbone that do not fit together; NUMERICAL for a loss or weights that are not finite,
 *   with the last checkpoint kept; INCOMPATIBLE for a checkpoint of another training, naming what differs; NOT_FOUND for none where one is required;
 *   ABORTED within a second, unless the engine is in the middle of a pass; what reading or synthesis throws, naming the image; what saving throws
 * @example
 * ```ts
 * import { selectEngine } from '@tab/backend-tfjs/node'
 * import { syntheticParts } from '@tab/data'
 * import { createBackbone } from '@tab/model'
 * import { pretrain, PRETRAIN_PRESETS } from '@tab/model/training'
 * import { encodePrompts, industrialPrompts, lexicalTextEmbedder } from '@tab/prompts'
 * import { cutPaste } from '@tab/synth'
 *
 * await selectEngine({ prefer: ['wasm'] })
 * const parts = syntheticParts({ part: 'washer', size: [32, 32], seed: 1 })
 * const { normal, abnormal } = await encodePrompts(industrialPrompts('washer'), lexicalTextEmbedder())
 * const { backbone, history } = await pretrain({
 *   backbone: createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer3' }),
 *   classes: [
 *     {
 *       name: 'washer',
 *       images: { length: 4, read: (index) => parts.normal(index).image },
 *       prototypes: { normal: normal.vector, abnormal: abnormal.vector },
 *     },
 *   ],
 *   anomalies: cutPaste(),
 *   settings: { ...PRETRAIN_PRESETS.tab, imageSize: 32, steps: 1, pairs: 2 },
 *   seed: 1,
 * })
 * console.log(backbone.architecture, history.length) // resnet18 1
 * ```
 */
export async function pretrain(options: PretrainOptions): Promise<PretrainResult> {
  const { backbone, classes, seed, validation } = options
  const settings = options.settings ?? PRETRAIN_PRESETS.tab
  checkSettings(settings)
  const dimension = checkClasses(classes)
  checkLosses(settings, classes)
  if (validation) checkValidation(validation)
  const splits = splitClasses(classes, validation ? (validation.share ?? DEFAULT_SHARE) : 0, seed)
  const anomalies = typeof options.anomalies === 'function' ? options.anomalies : inThisThread(options.anomalies)
  const network = alignmentNetwork(backbone, classes, dimension, settings, seed)
  const state = liveState(
    network,
    settings.optimizer === 'adamw' ? adamW(settings.weightDecay) : sgd(settings.momentum, settings.weightDecay),
    options.onnx && featureRuntime(planOf(network, backbone), options.onnx),
  )
  try {
    const checkpoints = options.checkpoints && {
      ...options.checkpoints,
      identity: await identityFor(options, settings, splits),
    }
    const { history, returned } = await train(state, {
      classes,
      splits,
      anomalies,
      seed,
      validation,
      checkpoints,
      signal: options.signal,
      onProgress: options.onProgress,
      onStep: options.onStep,
    })
    const trained = await network.trained.toBackbone()
    for (const [name, parameter] of trained.parameters) finite(name, parameter, settings.steps)
    return {
      backbone: trained,
      alignment: await alignmentOf(network, classes, trained),
      history,
      validations: state.progress.validations,
      returned,
      judgedImages: validation ? countJudged(splits, validation) : 0,
      stoppedEarly: state.progress.stopped,
      engine: engineName(options.onnx !== undefined),
    }
  } finally {
    disposeState(state)
  }
}

function checkLosses({ losses }: PretrainSettings, classes: readonly TrainingClass[]): void {
  const others = losses.stateAlignment + losses.patchAlignment + losses.separation
  if (classes.length > 1 || losses.classAlignment === 0 || others > 0) return
  throw new TabError('INVALID_ARGUMENT', {
    where: WHERE,
    expected: 'two classes or more for classAlignment alone, which is constant for one; add stateAlignment',
    actual: `one class, "${classes[0]?.name}"`,
  })
}

function checkValidation({ every, share, images, patience }: ValidationOptions): void {
  const counts = { 'validation.every': every, 'validation.images': images, 'validation.patience': patience }
  for (const [name, count] of Object.entries(counts)) {
    if (count !== undefined) checkNumber(WHERE, name, count, { integer: true, minimum: 1 })
  }
  if (share !== undefined) checkNumber(WHERE, 'validation.share', share, { above: 0, below: 1 })
}

async function identityFor(
  options: PretrainOptions,
  settings: PretrainSettings,
  splits: readonly ClassSplit[],
): Promise<TrainingIdentity> {
  const { seed, backbone, classes, anomalies, anomalySpec, textModel, validation } = options
  return identityOf(
    {
      settings,
      seed,
      backbone,
      classes,
      splits,
      textModel,
      anomalySpec,
      onnx: options.onnx !== undefined,
      synthesizer: typeof anomalies === 'function' ? undefined : anomalies.name,
      validation: validation && { share: DEFAULT_SHARE, images: DEFAULT_IMAGES, ...validation },
    },
    options,
  )
}

async function alignmentOf(
  { heads: variables, settings }: AlignmentNetwork,
  classes: readonly TrainingClass[],
  trained: Backbone,
): Promise<Alignment> {
  const heads = new Map<string, Tensor>()
  for (const [name, variable] of variables) heads.set(name, await toHost(variable))
  return {
    heads,
    prototypes: new Map(classes.map(({ name, prototypes }) => [name, prototypes])),
    imageLayer: settings.imageLayer,
    patchLayers: settings.patchLayers,
    sharedHead: settings.heads === 'shared',
    backbone: weightsDigest(trained),
  }
}
