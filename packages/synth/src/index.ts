export { cutPaste, type CutPasteOptions } from './synthesizers/cut-paste.ts'
export { cutPasteScar, type CutPasteScarOptions } from './synthesizers/cut-paste-scar.ts'
export { perlinAnomaly, type PerlinAnomalyOptions } from './synthesizers/perlin-anomaly.ts'
export { memSegAnomaly, type MemSegAnomalyOptions } from './synthesizers/mem-seg-anomaly.ts'
export { poissonPatch, type PoissonPatchOptions } from './synthesizers/poisson-patch.ts'
export { scratch, type ScratchOptions } from './synthesizers/scratch.ts'
export { stain, type StainOptions } from './synthesizers/stain.ts'
export { blurSpot, type BlurSpotOptions } from './synthesizers/blur-spot.ts'
export { missingRegion, type MissingRegionOptions } from './synthesizers/missing-region.ts'
export { deformation, type DeformationOptions } from './synthesizers/deformation.ts'
export type { TextureSource } from './synthesizers/anomaly-source.ts'

export { mixture } from './compose/mixture.ts'
export { chain } from './compose/chain.ts'
export { withProbability } from './compose/with-probability.ts'
export { avoidBackground, type AvoidBackgroundOptions } from './compose/avoid-background.ts'
export {
  synthesizerOf,
  SYNTHESIZER_KINDS,
  type OptionsByKind,
  type SynthesizerKind,
  type SynthesizerSpec,
} from './synthesizer-of.ts'

export { foregroundMask, type ForegroundOptions } from './foreground/foreground-mask.ts'
export type { Foreground } from './foreground/known-foreground.ts'

export { blendPatch, type Gradients } from './poisson/blend-patch.ts'
export { poissonSolver, type PoissonSolver } from './poisson/solve-poisson.ts'
export type { Pixels } from './image/bilinear.ts'

export type { Range } from './options.ts'
export type { Box, ExplainedAnomaly, ForegroundOf, SynthesisReport, Synthesizer } from './report.ts'
