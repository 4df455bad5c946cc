import { TabError } from '@tab/core'
import { avoidBackground } from './compose/avoid-background.ts'
import { chain } from './compose/chain.ts'
import { mixture } from './compose/mixture.ts'
import { withProbability } from './compose/with-probability.ts'
import type { Synthesizer } from './report.ts'
import { blurSpot, type BlurSpotOptions } from './synthesizers/blur-spot.ts'
import { cutPasteScar, type CutPasteScarOptions } from './synthesizers/cut-paste-scar.ts'
import { cutPaste, type CutPasteOptions } from './synthesizers/cut-paste.ts'
import { deformation, type DeformationOptions } from './synthesizers/deformation.ts'
import { memSegAnomaly, type MemSegAnomalyOptions } from './synthesizers/mem-seg-anomaly.ts'
import { missingRegion, type MissingRegionOptions } from './synthesizers/missing-region.ts'
import { perlinAnomaly, type PerlinAnomalyOptions } from './synthesizers/perlin-anomaly.ts'
import { poissonPatch, type PoissonPatchOptions } from './synthesizers/poisson-patch.ts'
import { scratch, type ScratchOptions } from './synthesizers/scratch.ts'
import { stain, type StainOptions } from './synthesizers/stain.ts'

/** The options of each kind. For other threads they must be data: masks, not functions. */
export interface OptionsByKind {
  readonly cutPaste: CutPasteOptions
  readonly cutPasteScar: CutPasteScarOptions
  readonly perlinAnomaly: PerlinAnomalyOptions
  readonly memSegAnomaly: MemSegAnomalyOptions
  readonly poissonPatch: PoissonPatchOptions
  readonly scratch: ScratchOptions
  readonly stain: StainOptions
  readonly blurSpot: BlurSpotOptions
  readonly missingRegion: MissingRegionOptions
  readonly deformation: DeformationOptions
}

export type SynthesizerKind = keyof OptionsByKind

/** All kinds of synthetic defects. */
export const SYNTHESIZER_KINDS: readonly SynthesizerKind[] = [
  'cutPaste',
  'cutPasteScar',
  'perlinAnomaly',
  'memSegAnomaly',
  'poissonPatch',
  'scratch',
  'stain',
  'blurSpot',
  'missingRegion',
  'deformation',
]

/** A synthesizer as data: for configuration files, reports and worker threads. */
export type SynthesizerSpec =
  | { readonly [K in SynthesizerKind]: { readonly kind: K; readonly options?: OptionsByKind[K] } }[SynthesizerKind]
  | { readonly kind: 'mixture'; readonly parts: readonly (readonly [weight: number, spec: SynthesizerSpec])[] }
  | { readonly kind: 'chain'; readonly parts: readonly SynthesizerSpec[] }
  | { readonly kind: 'withProbability'; readonly probability: number; readonly of: SynthesizerSpec }
  | { readonly kind: 'avoidBackground'; readonly of: SynthesizerSpec }

const FACTORIES: { readonly [K in SynthesizerKind]: (options?: OptionsByKind[K]) => Synthesizer } = {
  cutPaste,
  cutPasteScar,
  perlinAnomaly,
  memSegAnomaly,
  poissonPatch,
  scratch,
  stain,
  blurSpot,
  missingRegion,
  deformation,
}

/**
 * Builds the synthesizer described by a spec.
 * @throws INVALID_ARGUMENT for an unknown kind or invalid options
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { synthesizerOf } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = synthesizerOf({ kind: 'scratch', options: { length: [0.2, 0.3] } }).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // scratch 46
 * ```
 */
export function synthesizerOf(spec: SynthesizerSpec): Synthesizer {
  switch (spec.kind) {
    case 'mixture':
      return mixture(spec.parts.map(([weight, part]) => [weight, synthesizerOf(part)]))
    case 'chain':
      return chain(spec.parts.map(synthesizerOf))
    case 'withProbability':
      return withProbability(spec.probability, synthesizerOf(spec.of))
    case 'avoidBackground':
      return avoidBackground(synthesizerOf(spec.of))
    default: {
      const factory = Object.hasOwn(FACTORIES, spec.kind) ? FACTORIES[spec.kind] : undefined
      if (factory) return (factory as (options?: object) => Synthesizer)(spec.options)
      throw new TabError('INVALID_ARGUMENT', {
        where: 'synthesizerOf',
        expected: `kind must be one of ${SYNTHESIZER_KINDS.join(', ')}, mixture, chain, withProbability, avoidBackground`,
        actual: JSON.stringify((spec as { kind: unknown }).kind),
      })
    }
  }
}
