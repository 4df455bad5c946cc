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
export const RECIPE = 'recipe'
const RECIPE_KINDS = ['cut-paste', 'cut-paste-scar', 'perlin', 'poisson']

/** What a spec may call a kind: one of them, `recipe` for the mixture of pre-training, and `all` for each of them as often. */
export const KIND_NAMES: readonly string[] = [...Object.keys(KINDS), RECIPE, 'all']

/** Whether a kind takes patches from other images. */
export function takesSources(name: string): boolean {
  return name === 'poisson' || name === 'all' || (name === RECIPE && RECIPE_KINDS.includes('poisson'))
}

/**
 * The synthesizer that a name of a kind stands for.
 * @param sources images that Poisson patches are taken from
 */
export function specOf(name: string, sources: readonly Tensor[]): SynthesizerSpec {
  if (name === 'all' || name === RECIPE) {
    const kinds = name === 'all' ? Object.keys(KINDS) : RECIPE_KINDS
    return { kind: 'mixture', parts: kinds.map((kind) => [1, specOf(kind, sources)] as const) }
  }
  const kind = KINDS[name]
  if (kind === undefined) {
    throw new TabError('INVALID_ARGUMENT', { where: 'spec.kind', expected: KIND_NAMES.join(', '), actual: name })
  }
  return kind === 'poissonPatch' ? { kind, options: { sources } } : { kind }
}
