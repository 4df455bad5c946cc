import { TabError, tensorOf, writeSafetensors, type Detector, type DType, type JsonValue, type Tensor } from '@tab/core'
import type { Calibration } from '../thresholds/calibration.ts'
import { calibrationScores } from './calibration-scores.ts'
import { contentDigest } from './content-digest.ts'
import {
  DIGEST_KEY,
  formatHeader,
  HEADER_KEY,
  parseHeader,
  PEAKS_NAME,
  SCORES_NAME,
  type Preparation,
} from './header.ts'
import { assertJson } from './json-value.ts'

/** What to save with the detector. */
export interface SaveDetectorOptions {
  /** Thresholds, with the scores that p-values are computed from. */
  readonly calibration?: Calibration | undefined
  /** How images were prepared, so that new ones can be prepared the same way. */
  readonly preparation?: Preparation | undefined
  /** Anything else to save, as JSON. */
  readonly notes?: Readonly<Record<string, JsonValue>>
}

/**
 * Saves a fitted detector as a safetensors file: its tensors by name, and a JSON header under `tab.detector` in the metadata (schema
 * `tab.detector/1`: method, version, extractor id, options, preparation, calibration, notes). The same detector gives the same
 * bytes. The file contains the id of the extractor, not the extractor itself.
 * @throws INVALID_ARGUMENT for options, thresholds or notes that JSON cannot represent, such as NaN; INVALID_DATA for a calibration or
 *   preparation that could not be read back; DISPOSED
 * @example
 * ```ts
 * import { patchCore, readDetectorHeader, saveDetector } from '@tab/adapters'
 * import { referenceBackend, tensor, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const recipe = patchCore({ extractor, backend: referenceBackend(), layers: ['pixels'] })
 * const detector = await recipe.fit([tensor([2, 8, 8, 3], new Float32Array(384).fill(0.5))])
 * const file = await saveDetector(detector, { preparation: { size: [8, 8] } })
 * console.log(readDetectorHeader(file).method, readDetectorHeader(file).preparation) // patchcore { size: [ 8, 8 ] }
 * ```
 */
export async function saveDetector(
  detector: Pick<Detector, 'state'>,
  { calibration, preparation, notes = {} }: SaveDetectorOptions = {},
): Promise<Uint8Array> {
  const where = 'saveDetector'
  const { tensors, ...maker } = detector.state()
  const taken = [SCORES_NAME, PEAKS_NAME].find((name) => Object.hasOwn(tensors, name))
  if (taken !== undefined) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: `a state without a tensor "${taken}"`, actual: 'one' })
  }
  assertJson(where, 'options', maker.options)
  assertJson(where, 'notes', notes)
  const { scores, peaks, ...thresholds } = calibration ?? {}
  assertJson(where, 'calibration', thresholds)
  const header = {
    ...maker,
    notes,
    preparation,
    calibration: calibration && (thresholds as Omit<Calibration, 'scores' | 'peaks'>),
  }
  const text = formatHeader(header)
  parseHeader(where, text) // refuses what could not be read back
  const all = new Map<string, Tensor<DType>>(Object.entries(tensors))
  if (calibration) {
    const keep = (name: string, values: Float64Array | undefined): void => {
      const kept = tensorOf('float64', [values?.length ?? 0], values as Float64Array)
      calibrationScores(where, kept, name)
      all.set(name, kept)
    }
    keep(SCORES_NAME, scores)
    if (peaks) keep(PEAKS_NAME, peaks)
  }
  return writeSafetensors(all, { [HEADER_KEY]: text, [DIGEST_KEY]: await contentDigest(text, all) })
}
