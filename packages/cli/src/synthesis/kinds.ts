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

/** What `--kind` accepts: the kinds, and `all` for each of them as often. */
export const KIND_NAMES: readonly string[] = [...Object.keys(KINDS), 'all']

/**
 * The synthesizer behind a name of the command line.
 * @param sources images that Poisson patches are taken from
 */
export function specOf(name: string, sources: readonly Tensor[]): SynthesizerSpec {
  if (name === 'all') {
    return { kind: 'mixture', parts: Object.keys(KINDS).map((kind) => [1, specOf(kind, sources)] as const) }
  }
  const kind = KINDS[name]
  if (kind === undefined) {
    throw new TabError('INVALID_ARGUMENT', { where: '--kind', expected: KIND_NAMES.join(', '), actual: name })
  }
  return kind === 'poissonPatch' ? { kind, options: { sources } } : { kind }
}
