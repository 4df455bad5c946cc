import { STAGES } from '../architecture.ts'
import type { PretrainSettings } from './settings.ts'

/** Name of a preset, with its version or alone. */
export type PresetId = 'tab' | 'paper' | 'tab@1' | 'tab@2' | 'paper@1'

const TAB_1: PretrainSettings = {
  imageSize: 128,
  imageSizes: [],
  steps: 200,
  pairs: 12,
  classesPerStep: 3,
  accumulate: 1,
  trainableStages: ['layer2', 'layer3'],
  batchNorm: 'frozen',
  losses: { classAlignment: 0, stateAlignment: 0.2, patchAlignment: 0.5, separation: 1, preservation: 3 },
  imageLayer: 'layer3',
  patchLayers: ['layer2', 'layer3'],
  heads: 'shared',
  dropout: 0.5,
  optimizer: 'adamw',
  learningRate: 1e-4,
  headLearningRate: 1e-3,
  weightDecay: 1e-4,
  momentum: 0.9,
  warmup: 0.1,
  clipNorm: 5,
  ema: null,
  flips: 'both',
  minimumCrop: 1,
  colourJitter: 0,
}

const PAPER_1: PretrainSettings = {
  ...TAB_1,
  imageSize: 224,
  steps: 5700, // 100 epochs of MVTec AD's 3,629 good images
  pairs: 64,
  classesPerStep: 64,
  trainableStages: STAGES,
  batchNorm: 'train',
  losses: { classAlignment: 1, stateAlignment: 0, patchAlignment: 0, separation: 0, preservation: 0 },
  imageLayer: 'layer4',
  heads: 'separate',
  optimizer: 'sgd',
  learningRate: 1e-3,
  weightDecay: 0,
  warmup: 0,
  clipNorm: null,
  flips: 'none',
}

/** Several sizes, for defects of several sizes; its anomalies have thin ones among them (see the command line's presets). */
const TAB_2: PretrainSettings = { ...TAB_1, imageSizes: [96, 128, 160, 224] }

/**
 * Settings by name and version. A version never changes, so that a model card can be repeated; a name alone is the version that the results of this
 * project were made with. `tab` (ours, the default) keeps and separates dense features; `paper` is what the paper describes.
 */
export const PRETRAIN_PRESETS: Readonly<Record<PresetId, PretrainSettings>> = {
  tab: TAB_1,
  paper: PAPER_1,
  'tab@1': TAB_1,
  'tab@2': TAB_2,
  'paper@1': PAPER_1,
}
