import { assertKnownKeys, checkNumber, TabError } from '@tab/core'
import { STAGES, type Stage } from '../architecture.ts'
import type { BatchNormMode } from './network/trainable-backbone.ts'

/** Weight of each loss term; a term of weight 0 is not computed. */
export interface LossWeights {
  /** The paper's two cross-entropies over classes. */
  readonly classAlignment: number
  /** Normal against abnormal over the 2K prototypes. */
  readonly stateAlignment: number
  /** Positions against the states of their class. */
  readonly patchAlignment: number
  /** Masked patches away from normal ones (our extension). */
  readonly separation: number
  /** Features outside masks as the first network had them (our extension). */
  readonly preservation: number
}

/** Everything that decides what a training computes, besides data and seed. */
export interface PretrainSettings {
  /** Side of the square images that the network sees, in training and validation. */
  readonly imageSize: number
  /** Sides of the square images in training, one drawn for each pass; none for `imageSize` alone. */
  readonly imageSizes: readonly number[]
  /** Optimizer steps. */
  readonly steps: number
  /** Pairs (a normal image and an anomaly made of it) of a pass. */
  readonly pairs: number
  /** Classes of a pass at most, so that each has images to be compared with. */
  readonly classesPerStep: number
  /** Passes whose gradients are averaged for one optimizer step. */
  readonly accumulate: number
  /** Stages that learn; the ones before the first of them are computed without gradients, the ones after the last not at all. */
  readonly trainableStages: readonly Stage[]
  readonly batchNorm: BatchNormMode
  readonly losses: LossWeights
  /** Layer whose average goes to the image head. */
  readonly imageLayer: Stage
  /** Layers of patch alignment, separation and preservation, the finest first. */
  readonly patchLayers: readonly Stage[]
  /** One image head for both states, or one for each as in the paper's figure. */
  readonly heads: 'shared' | 'separate'
  readonly dropout: number
  readonly optimizer: 'adamw' | 'sgd'
  readonly learningRate: number
  /** Learning rate of heads and temperature. */
  readonly headLearningRate: number
  readonly weightDecay: number
  /** Of SGD. */
  readonly momentum: number
  /** Share of the steps in which the learning rate rises. */
  readonly warmup: number
  /** Largest norm of all gradients together; null for no bound. */
  readonly clipNorm: number | null
  /** Decay of the moving average of weights and running statistics that is validated and returned; null for the weights as they are. */
  readonly ema: number | null
  readonly flips: 'none' | 'horizontal' | 'both'
  /** Smallest share of the area that a random crop keeps, of aspect 3/4 to 4/3; 1 for the whole image. */
  readonly minimumCrop: number
  /** Strength of brightness, contrast and saturation changes, the same for both images of a pair; 0 for none. */
  readonly colourJitter: number
}

const LOSSES = Object.keys({
  classAlignment: true,
  stateAlignment: true,
  patchAlignment: true,
  separation: true,
  preservation: true,
} satisfies Record<keyof LossWeights, true>)

const SETTINGS = Object.keys({
  imageSize: true,
  imageSizes: true,
  steps: true,
  pairs: true,
  classesPerStep: true,
  accumulate: true,
  trainableStages: true,
  batchNorm: true,
  losses: true,
  imageLayer: true,
  patchLayers: true,
  heads: true,
  dropout: true,
  optimizer: true,
  learningRate: true,
  headLearningRate: true,
  weightDecay: true,
  momentum: true,
  warmup: true,
  clipNorm: true,
  ema: true,
  flips: true,
  minimumCrop: true,
  colourJitter: true,
} satisfies Record<keyof PretrainSettings, true>)

/** Values of the settings that are names. */
const CHOICES = {
  trainableStages: STAGES,
  batchNorm: ['frozen', 'train'],
  imageLayer: STAGES,
  patchLayers: STAGES,
  heads: ['shared', 'separate'],
  optimizer: ['adamw', 'sgd'],
  flips: ['none', 'horizontal', 'both'],
} as const satisfies Partial<Record<keyof PretrainSettings, readonly string[]>>

/**
 * Checks settings.
 * @throws INVALID_ARGUMENT naming the setting; INVALID_DATA for unknown ones
 * @example
 * ```ts
 * import { checkSettings, PRETRAIN_PRESETS } from '@tab/model/training'
 *
 * try {
 *   checkSettings({ ...PRETRAIN_PRESETS.tab, pairs: 0 })
 * } catch (error) {
 *   console.log((error as Error).message) // pretrain: pairs must be a whole number >= 1, got 0
 * }
 * ```
 */
export function checkSettings(settings: PretrainSettings): void {
  const where = 'pretrain'
  assertKnownKeys(where, settings, SETTINGS)
  assertKnownKeys(where, settings.losses, LOSSES)
  for (const name of ['steps', 'pairs', 'classesPerStep', 'accumulate'] as const) {
    checkNumber(where, name, settings[name], { integer: true, minimum: 1 })
  }
  checkNumber(where, 'imageSize', settings.imageSize, { integer: true, minimum: 32 })
  for (const size of settings.imageSizes) checkNumber(where, 'imageSizes', size, { integer: true, minimum: 32 })
  for (const [name, weight] of Object.entries(settings.losses)) {
    checkNumber(where, `losses.${name}`, weight, { minimum: 0 })
  }
  for (const name of ['learningRate', 'headLearningRate', 'weightDecay'] as const) {
    checkNumber(where, name, settings[name], { minimum: 0 })
  }
  for (const name of ['dropout', 'momentum'] as const)
    checkNumber(where, name, settings[name], { minimum: 0, below: 1 })
  for (const name of ['warmup', 'colourJitter'] as const) {
    checkNumber(where, name, settings[name], { minimum: 0, maximum: 1 })
  }
  checkNumber(where, 'minimumCrop', settings.minimumCrop, { above: 0, maximum: 1 })
  if (settings.clipNorm !== null) checkNumber(where, 'clipNorm', settings.clipNorm, { above: 0 })
  if (settings.ema !== null) checkNumber(where, 'ema', settings.ema, { above: 0, below: 1 })
  for (const [name, choices] of Object.entries(CHOICES)) {
    const chosen = [settings[name as keyof typeof CHOICES]].flat()
    const unknown = chosen.find((value) => !(choices as readonly string[]).includes(value))
    if (unknown !== undefined) refuse(`${name} of ${choices.join(', ')}`, JSON.stringify(unknown))
  }
  const { classAlignment, stateAlignment, patchAlignment, separation } = settings.losses
  if (classAlignment + stateAlignment + patchAlignment + separation === 0) {
    refuse('a loss that learns: one of classAlignment, stateAlignment, patchAlignment, separation above 0', 'all 0')
  }
  if (settings.heads === 'separate' && stateAlignment > 0) {
    refuse("heads 'shared' with stateAlignment, as two heads solve it without looking at the image", "'separate'")
  }
  if (settings.trainableStages.length === 0 || settings.patchLayers.length === 0) {
    refuse('at least one trainable stage and one patch layer', 'none')
  }
}

function refuse(expected: string, actual: string): never {
  throw new TabError('INVALID_ARGUMENT', { where: 'pretrain', expected, actual })
}
