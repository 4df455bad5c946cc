import type { LossTerms } from './loss-terms.ts'

/** A record of one optimizer step. */
export interface StepRecord {
  /** From 1. */
  readonly step: number
  /** Weighted sum. */
  readonly loss: number
  /** Unweighted terms. */
  readonly terms: LossTerms<number>
  /** Similarities are multiplied by 1 / temperature. */
  readonly temperature: number
  readonly learningRate: number
  /** Before clipping. */
  readonly gradientNorm: number
  readonly imagesPerSecond: number
  /** Time spent waiting for images and anomalies. */
  readonly waitedSeconds: number
  /** Measure of the validation after this step, where there was one. */
  readonly validation?: number
}
