import type { Detector, LongTaskOptions, Tensor } from '@tab/core'
import { calibrationOf, type Calibration, type ThresholdRates } from './calibration.ts'
import { scoreNormals } from './score-normals.ts'

export interface CalibrateThresholdOptions extends ThresholdRates, LongTaskOptions {}

/**
 * Computes thresholds from good images that the detector was **not** fitted on, by split conformal prediction: a new good image,
 * exchangeable with these, is called anomalous with a probability of at most `falsePositiveRate`, for any detector and distribution.
 * The probability is also over the draw of the calibration images. For pixels see `pixelFalsePositiveRate`. Keeps the maps of all
 * images while it runs, 4 bytes per pixel; of maps above 2^20 pixels, every k-th row and column, for which the pixel threshold then holds.
 * @param normals batches [N,H,W,3] of n >= 1 / rate - 1 good images
 * @throws INVALID_ARGUMENT for a rate that n images cannot support, saying how many it takes; NUMERICAL, ABORTED
 * @example
 * ```ts
 * import { calibrateThreshold, patchCore } from '@tab/adapters'
 * import { referenceBackend, tensor, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const image = (level: number) => tensor([1, 8, 8, 3], new Float32Array(192).fill(level))
 * const recipe = patchCore({ extractor, backend: referenceBackend(), layers: ['pixels'], coresetRatio: 1 })
 * const detector = await recipe.fit([image(0.5)])
 * const others = [0.5, 0.52, 0.51, 0.49, 0.48, 0.47, 0.53, 0.5, 0.54].map(image)
 * const { guaranteedRate, threshold } = await calibrateThreshold(detector, others, { falsePositiveRate: 0.1 })
 * console.log(guaranteedRate, threshold.toFixed(3)) // 0.1 0.069
 * ```
 */
export async function calibrateThreshold(
  detector: Detector,
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  { signal, onProgress, ...rates }: CalibrateThresholdOptions,
): Promise<Calibration> {
  const where = 'calibrateThreshold'
  return calibrationOf(where, 'held-out', await scoreNormals(where, detector, normals, { signal, onProgress }), rates)
}
