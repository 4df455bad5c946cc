import { TabError, type Tensor } from '@tab/core'
import type { SynthesizerKind, SynthesizerSpec } from '@tab/synth'

const KINDS: Readonly<Record<string, SynthesizerKind>> = {
  'cut-paste': 'cutPaste',
  'cut-paste-scar': 'cutPasteScar',
  perlin: 'perlinAnomaly',
  'mem-seg': 'memSegAnomaly',
  poisson: 'poissonPatch',
  scratch: 'scratch',
  stain: 'stain',
  'blur-spot': 'blurSpot',
  'missing-region': 'missingRegion',
  deformation: 'deformation',
}

/** The mixture that backbones are pre-trained on: CutPaste, its scars, Perlin shapes and Poisson patches, each as often. */
const RECIPE = 'recipe'
const RECIPE_KINDS = ['cut-paste', 'cut-paste-scar', 'perlin', 'poisson']
/** The same with thin defects among them, each kind as often: scratches, and hair-thin lines that bend as cracks do. */
const RECIPE_WITH_THIN = 'recipe-with-thin'
const HAIRLINE: SynthesizerSpec = {
  kind: 'scratch',
  options: { length: [0.1, 0.5], width: [0.5, 1.5], strength: [0.2, 0.6], bend: [30, 180] },
}

/** What a spec may call a kind: the kinds, the mixtures of pre-training, and `all` for each kind as often. */
export const KIND_NAMES: readonly string[] = [...Object.keys(KINDS), RECIPE, RECIPE_WITH_THIN, 'all']

/** Whether a kind takes patches from other images. */
export function takesSources(name: string): boolean {
  return ['poisson', 'all', RECIPE, RECIPE_WITH_THIN].includes(name)
}

/**
 * The synthesizer that a name of a kind stands for.
 * @param sources images that Poisson patches are taken from
 */
export function specOf(name: string, sources: readonly Tensor[]): SynthesizerSpec {
  const mixed = (kinds: readonly string[], ...more: readonly SynthesizerSpec[]): SynthesizerSpec => ({
    kind: 'mixture',
    parts: [...kinds.map((kind) => specOf(kind, sources)), ...more].map((spec) => [1, spec] as const),
  })
  if (name === 'all') return mixed(Object.keys(KINDS))
  if (name === RECIPE) return mixed(RECIPE_KINDS)
  if (name === RECIPE_WITH_THIN) return mixed([...RECIPE_KINDS, 'scratch'], HAIRLINE)
  const kind = KINDS[name]
  if (kind === undefined) {
    throw new TabError('INVALID_ARGUMENT', { where: 'spec.kind', expected: KIND_NAMES.join(', '), actual: name })
  }
  return kind === 'poissonPatch' ? { kind, options: { sources } } : { kind }
}
