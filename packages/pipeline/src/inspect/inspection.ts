import type { TabError, Tensor } from '@tab/core'
import type { Region } from './regions.ts'

export interface InspectedImage {
  /** What a score must be above to be anomalous; null where there is no threshold. */
  readonly threshold: number | null
  /** What a map value must be above to be anomalous; null where the detector has no calibration. */
  readonly pixelThreshold: number | null
  /** The rate of false alarms that the threshold promises; null for a cross-fitted threshold and one given by hand, which promise none. */
  readonly guaranteedRate: number | null
  /** Of "this part is good", counted in the good images of the calibration; null where there is none. */
  readonly pValue: number | null
  /** From 0 to 1, 0.5 at the calibrated threshold; null where there is none. */
  readonly normalizedScore: number | null
  /** What is wrong with the size of the picture: reduced too far for the smallest defect, or squeezed. None in most cases. */
  readonly warnings: readonly string[]
}

/** An image that was judged. */
export interface Judged extends InspectedImage {
  readonly verdict: 'good' | 'anomalous'
  /** Higher is more anomalous. */
  readonly score: number
  readonly threshold: number
  /** Anomaly map [H,W], a value for each pixel of `image`. */
  readonly map: Tensor
  /** The image as the detector saw it, [H,W,3] in [0,1]. */
  readonly image: Tensor
  /** Connected regions of the map above `pixelThreshold`, the highest first; none where that is null. */
  readonly regions: readonly Region[]
}

/** An image that was not judged: for want of a threshold, of a score, or as its picture is unlike those of good parts. It is not a good one. */
export interface NotJudged extends InspectedImage {
  readonly verdict: 'not-judged'
  readonly reason: string
  /** What kept it from being scored; undefined where only the threshold is lacking. */
  readonly error?: TabError
  /** What of the picture is outside of that of good parts, with `checkPictures`: the camera or the light, not the part. */
  readonly outside?: 'focus' | 'exposure' | 'size'
  /** Null where it was not scored. */
  readonly score: number | null
  readonly map: Tensor | null
  /** Null where it could not be read. */
  readonly image: Tensor | null
  readonly regions: readonly Region[]
}

/** What is known of one image. `verdict` tells the two apart. */
export type Inspection = Judged | NotJudged
