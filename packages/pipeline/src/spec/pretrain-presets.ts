import { TabError } from '@tab/core'
import type { Preparation } from '@tab/data'
import { PRETRAIN_PRESETS, type PresetId, type PretrainSettings } from '@tab/model'
import type { EncodePromptsOptions, PresetName } from '@tab/prompts'

/** A version of a preset; it never changes, so that a model card can be repeated. */
export type VersionedPreset = Exclude<PresetId, 'tab' | 'paper'>

/** Everything that a preset decides, besides data, text model and seed. */
export interface PretrainPreset {
  readonly id: VersionedPreset
  readonly settings: PretrainSettings
  /** Prompt ensemble. */
  readonly prompts: PresetName
  readonly average: NonNullable<EncodePromptsOptions['average']>
  /** What anomalies are made, as `--anomalies` takes it. */
  readonly anomalies: string
  /** Share of each class held out for validation; with 0 all images are learnt from. */
  readonly validation: number
  /** Whether a training may do without a text model when nothing is said. */
  readonly lexical: boolean
  /** How images are brought to the size of the settings. */
  readonly preparation: (settings: PretrainSettings) => Preparation
}

/** The whole image, of the largest size that is trained at. */
const whole = ({ imageSize, imageSizes }: PretrainSettings): Preparation => {
  const side = Math.max(imageSize, ...imageSizes)
  return { size: [side, side] }
}

/** The middle 224 of 256 pixels by Lanczos, or that share of another size. */
const centre = (settings: PretrainSettings): Preparation => {
  const [side] = whole(settings).size
  const resized = Math.round((side * 256) / 224)
  return { size: [resized, resized], crop: [side, side], filter: 'lanczos' }
}

const TAB_1: PretrainPreset = {
  id: 'tab@1',
  settings: PRETRAIN_PRESETS['tab@1'],
  prompts: 'industrial',
  average: 'normalised',
  anomalies: 'recipe',
  validation: 0.1,
  lexical: true,
  preparation: whole,
}

const PRESETS: Readonly<Record<VersionedPreset, PretrainPreset>> = {
  'tab@1': TAB_1,
  'tab@2': { ...TAB_1, id: 'tab@2', settings: PRETRAIN_PRESETS['tab@2'], anomalies: 'recipe-with-thin' },
  'paper@1': {
    id: 'paper@1',
    settings: PRETRAIN_PRESETS['paper@1'],
    prompts: 'tab',
    average: 'raw',
    anomalies: 'poisson',
    validation: 0,
    lexical: false,
    preparation: centre,
  },
}

const CURRENT = { tab: 'tab@1', paper: 'paper@1' } as const

/**
 * The preset of a name; a name without a version is the version of the published results.
 * @throws INVALID_ARGUMENT for a name that does not exist
 */
export function presetOf(name: string): PretrainPreset {
  const known = { ...PRESETS, tab: PRESETS[CURRENT.tab], paper: PRESETS[CURRENT.paper] }
  const found = Object.entries(known).find(([id]) => id === name)?.[1]
  if (found) return found
  const expected = `one of ${Object.keys(known).join(', ')}`
  throw new TabError('INVALID_ARGUMENT', { where: 'spec.preset', expected, actual: name })
}
