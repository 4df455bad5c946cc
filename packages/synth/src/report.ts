import type { AnomalySynthesizer, JsonValue, SyntheticAnomaly, Tensor } from '@tab/core'

/** A rectangle of pixels: rows `top` to before `top + height`, columns `left` to before `left + width`. */
export interface Box {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** What was done to an image, as plain JSON: with the seed it explains a pair and replays it. */
export interface SynthesisReport {
  /** Name of the synthesizer that acted. */
  readonly kind: string
  /** Where pixels may have changed. */
  readonly boxes: readonly Box[]
  /** What was drawn at random, in the units of the options. */
  readonly parameters: Readonly<Record<string, JsonValue>>
  /** Tries until the defect could be seen, from 1. */
  readonly attempts: number
  /** Reports of the parts, for synthesizers made of others. */
  readonly steps?: readonly SynthesisReport[]
}

/** A pair and the report of how it was made. */
export interface ExplainedAnomaly extends SyntheticAnomaly {
  readonly report: SynthesisReport
}

/** An anomaly synthesizer that explains what it did. */
export type Synthesizer = AnomalySynthesizer<ExplainedAnomaly>

/** Where defects may be: a mask [H,W] of every image, 1 on the object. */
export type ForegroundOf = (image: Tensor) => Tensor<'uint8'>
