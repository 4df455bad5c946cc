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
import { DIGEST_KEY, HEADER_KEY, parseHeader, SCORES_NAME, type DetectorHeader, type Preparation } from './header.ts'
import { restoreDetector, type DetectorRestorer } from './restore-detector.ts'

export interface LoadDetectorOptions {
  /** That it was fitted with; several for an ensemble on several. */
  readonly extractor: FeatureExtractor | readonly FeatureExtractor[]
  readonly backend: Backend
  /** How to restore methods that this package does not have, by their name. */
  readonly methods?: Readonly<Record<string, DetectorRestorer>>
}

/** What was saved. */
export interface LoadedDetector {
  readonly detector: Detector
  readonly calibration: Calibration | undefined
  readonly preparation: Preparation | undefined
  readonly notes: Readonly<Record<string, JsonValue>>
}

/**
 * What a file of {@link saveDetector} says of itself, without an extractor; that its bytes are undamaged is not checked.
 * @throws INVALID_DATA for another file, INCOMPATIBLE for a newer schema
 */
export function readDetectorHeader(bytes: Uint8Array): DetectorHeader {
  return parseHeader('readDetectorHeader', readSafetensors(bytes).metadata[HEADER_KEY])
}

/**
 * Reads what {@link saveDetector} wrote; on the same backend it predicts bit for bit as the saved one.
 * @throws INVALID_DATA for another or a damaged file; INCOMPATIBLE for a newer schema or state, and when none of the extractors is the
 * one it was fitted with; UNSUPPORTED for a method that is not known
 */
export async function loadDetector(
  bytes: Uint8Array,
  { extractor, backend, methods = {} }: LoadDetectorOptions,
): Promise<LoadedDetector> {
  const where = 'loadDetector'
  const { entries, metadata } = readSafetensors(bytes)
  const { calibration, preparation, notes, ...maker } = parseHeader(where, metadata[HEADER_KEY])
  const tensors = new Map([...entries].map(([name, entry]) => [name, entry.toTensor()]))
  if ((await contentDigest(metadata[HEADER_KEY] as string, tensors)) !== metadata[DIGEST_KEY]) {
    throw new TabError('INVALID_DATA', { where, message: 'the file is damaged: its content does not have its digest' })
  }
  const scores = calibration && calibrationScores(where, tensors.get(SCORES_NAME))
  tensors.delete(SCORES_NAME)
  const state: DetectorState = { ...maker, tensors: Object.fromEntries(tensors) }
  const extractors = Array.isArray(extractor)
    ? (extractor as readonly FeatureExtractor[])
    : [extractor as FeatureExtractor]
  return {
    detector: await restoreDetector(where, state, { extractors, backend, methods }),
    calibration: calibration && scores && { ...calibration, scores },
    preparation,
    notes,
  }
}
