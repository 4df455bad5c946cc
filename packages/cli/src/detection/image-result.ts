/** What is said of one image. */
export interface ImageResult {
  readonly path: string
  readonly score: number
  /** What a score must be above to be anomalous; null where the detector has no threshold. */
  readonly threshold: number | null
  readonly anomalous: boolean | null
  /** Of "this part is good"; null where the detector has no calibration. */
  readonly pValue: number | null
  /** 0.5 at the calibrated threshold; null where there is none. */
  readonly normalizedScore: number | null
  /** Path of its heatmap, where these are written. */
  readonly heatmap?: string
}
