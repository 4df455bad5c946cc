import type { AnomalySynthesizer, JsonValue, SyntheticAnomaly, Tensor } from '@tab/core'

/** A rectangle of pixels: rows `top` to `top + height - 1`, columns `left` to `left + width - 1`. */
export interface Box {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** What was done to an image, as plain JSON; with the seed it explains and reproduces a pair. */
export interface SynthesisReport {
  /** The name of the synthesizer. */
  readonly kind: string
  /** Where pixels may have changed. */
  readonly boxes: readonly Box[]
  /** The random choices, in the units of the options. */
  readonly parameters: Readonly<Record<string, JsonValue>>
  /** The number of tries until the defect was visible, from 1. */
  readonly attempts: number
  /** The reports of the parts, for synthesizers made of others. */
  readonly steps?: readonly SynthesisReport[]
}

/** A pair and the report on how it was made. */
export interface ExplainedAnomaly extends SyntheticAnomaly {
  readonly report: SynthesisReport
}

/** An anomaly synthesizer that reports what it did. */
export type Synthesizer = AnomalySynthesizer<ExplainedAnomaly>

/** Where defects may be: a mask [H,W] for each image, 1 on the object. */
export type ForegroundOf = (image: Tensor) => Tensor<'uint8'>
