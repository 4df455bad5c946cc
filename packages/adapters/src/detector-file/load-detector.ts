import {
  readSafetensors,
  TabError,
  type Backend,
  type Detector,
  type DetectorState,
  type FeatureExtractor,
  type JsonValue,
} from '@tab/core'
import type { Calibration } from '../thresholds/calibration.ts'
import { calibrationScores } from './calibration-scores.ts'
import { contentDigest } from './content-digest.ts'
import {
  DIGEST_KEY,
  HEADER_KEY,
  parseHeader,
  PEAKS_NAME,
  SCORES_NAME,
  type DetectorHeader,
  type Preparation,
} from './header.ts'
import type { ForegroundOf } from '../within/within-foreground.ts'
import { restoreDetector, type DetectorRestorer } from './restore-detector.ts'

export interface LoadDetectorOptions {
  /** The extractor it was fitted with; for an ensemble, the extractors of all members. */
  readonly extractor: FeatureExtractor | readonly FeatureExtractor[]
  readonly backend: Backend
  /** How to restore methods that this package does not have, by name. */
  readonly methods?: Readonly<Record<string, DetectorRestorer>>
  /** How the part is found in images, for a detector of `withinForeground`: as for its fit. Default: such a file is refused. */
  readonly foreground?: ForegroundOf | undefined
}

/** The contents of a detector file. */
export interface LoadedDetector {
  readonly detector: Detector
  readonly calibration: Calibration | undefined
  readonly preparation: Preparation | undefined
  readonly notes: Readonly<Record<string, JsonValue>>
}

/**
 * Reads the header of a file that {@link saveDetector} wrote. It needs no extractor, and does not check the file for damage.
 * @throws INVALID_DATA for another file, INCOMPATIBLE for a newer schema
 * @example
 * ```ts
 * import { readDetectorHeader, saveDetector } from '@tab/adapters'
 *
 * const state = () => ({ method: 'mine', version: 1, extractorId: 'resnet18', options: {}, tensors: {} })
 * const file = await saveDetector({ state }, { preparation: { size: [224, 224] } }) // in practice a file of tab fit
 * const { method, extractorId, preparation } = readDetectorHeader(file)
 * console.log(method, extractorId, preparation?.size) // mine resnet18 [ 224, 224 ]
 * ```
 */
export function readDetectorHeader(bytes: Uint8Array): DetectorHeader {
  return parseHeader('readDetectorHeader', readSafetensors(bytes).metadata[HEADER_KEY])
}

/**
 * Reads a detector that {@link saveDetector} wrote. On the same backend it predicts bit for bit like the saved one.
 * @throws INVALID_DATA for another or a damaged file; INCOMPATIBLE for a newer schema or state, or when none of the extractors is the
 *   one it was fitted with; UNSUPPORTED for an unknown method
 * @example
 * ```ts
 * import { loadDetector, patchCore, saveDetector } from '@tab/adapters'
 * import { referenceBackend, tensor, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const backend = referenceBackend()
 * const images = tensor([2, 8, 8, 3], new Float32Array(384).fill(0.5))
 * const fitted = await patchCore({ extractor, backend, layers: ['pixels'] }).fit([images])
 * const file = await saveDetector(fitted, { notes: { line: 7 } })
 * const { detector, notes } = await loadDetector(file, { extractor, backend })
 * console.log((await detector.predict(images)).scores.data, notes) // Float32Array(2) [ 0, 0 ] { line: 7 }
 * ```
 */
export async function loadDetector(
  bytes: Uint8Array,
  { extractor, backend, methods = {}, foreground }: LoadDetectorOptions,
): Promise<LoadedDetector> {
  const where = 'loadDetector'
  const { entries, metadata } = readSafetensors(bytes)
  const { calibration, preparation, notes, ...maker } = parseHeader(where, metadata[HEADER_KEY])
  const tensors = new Map([...entries].map(([name, entry]) => [name, entry.toTensor()]))
  if ((await contentDigest(metadata[HEADER_KEY] as string, tensors)) !== metadata[DIGEST_KEY]) {
    throw new TabError('INVALID_DATA', { where, message: 'the file is damaged: its content does not match its digest' })
  }
  const scores = calibration && calibrationScores(where, tensors.get(SCORES_NAME))
  const highest = tensors.get(PEAKS_NAME) // of files of earlier versions there are none
  const peaks = calibration && highest && calibrationScores(where, highest, PEAKS_NAME)
  tensors.delete(SCORES_NAME)
  tensors.delete(PEAKS_NAME)
  const state: DetectorState = { ...maker, tensors: Object.fromEntries(tensors) }
  const extractors = Array.isArray(extractor)
    ? (extractor as readonly FeatureExtractor[])
    : [extractor as FeatureExtractor]
  return {
    detector: await restoreDetector(where, state, { extractors, backend, methods, foreground }),
    calibration: calibration && scores && { ...calibration, scores, ...(peaks ? { peaks } : {}) },
    preparation,
    notes,
  }
}
