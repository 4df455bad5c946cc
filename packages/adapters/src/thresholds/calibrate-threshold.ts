import type { Detector, LongTaskOptions, Tensor } from '@tab/core'
import { calibrationOf, type Calibration, type ThresholdRates } from './calibration.ts'
import { scoreNormals } from './score-normals.ts'

export interface CalibrateThresholdOptions extends ThresholdRates, LongTaskOptions {}

/**
 * Thresholds from good images that the detector was **not** fitted on, by split conformal prediction: a further good image,
 * exchangeable with these, is called anomalous with a probability of at most `falsePositiveRate`, whatever the detector and the
 * distribution. The probability is over the draw of the calibration images too. For pixels see `pixelFalsePositiveRate`.
 * Their maps are kept while this runs, 4 bytes a pixel.
 * @param normals batches [N,H,W,3] of n >= 1 / rate - 1 good images
 * @throws INVALID_ARGUMENT for a rate that n images cannot support, saying how many it takes; NUMERICAL, ABORTED
 */
export async function calibrateThreshold(
  detector: Detector,
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  { signal, onProgress, ...rates }: CalibrateThresholdOptions,
): Promise<Calibration> {
  const where = 'calibrateThreshold'
  return calibrationOf(where, 'held-out', await scoreNormals(where, detector, normals, { signal, onProgress }), rates)
}
