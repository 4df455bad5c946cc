import { TabError, tensorOf, writeSafetensors, type Detector, type DType, type JsonValue, type Tensor } from '@tab/core'
import type { Calibration } from '../thresholds/calibration.ts'
import { calibrationScores } from './calibration-scores.ts'
import { contentDigest } from './content-digest.ts'
import { DIGEST_KEY, formatHeader, HEADER_KEY, parseHeader, SCORES_NAME, type Preparation } from './header.ts'
import { assertJson } from './json-value.ts'

/** What goes into the file with the detector. */
export interface SaveDetectorOptions {
  /** Thresholds, with the scores that p-values are counted in. */
  readonly calibration?: Calibration | undefined
  /** How images were prepared, so that those to come are prepared alike. */
  readonly preparation?: Preparation | undefined
  /** Anything else to keep, as JSON. */
  readonly notes?: Readonly<Record<string, JsonValue>>
}

/**
 * A fitted detector as one safetensors file: its tensors by their names, and a header in JSON under `tab.detector` of the metadata
 * (schema `tab.detector/1`: method, version, extractor id, options, preparation, calibration, notes). The same detector gives
 * the same bytes. The extractor is not in it, only its id.
 * @throws INVALID_ARGUMENT for options, thresholds or notes that are not JSON (NaN is not); INVALID_DATA for a calibration or preparation
 *   that could not be read again; DISPOSED
 */
export async function saveDetector(
  detector: Pick<Detector, 'state'>,
  { calibration, preparation, notes = {} }: SaveDetectorOptions = {},
): Promise<Uint8Array> {
  const where = 'saveDetector'
  const { tensors, ...maker } = detector.state()
  if (Object.hasOwn(tensors, SCORES_NAME)) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: `a state without a tensor "${SCORES_NAME}"`,
      actual: 'one',
    })
  }
  assertJson(where, 'options', maker.options)
  assertJson(where, 'notes', notes)
  const { scores, ...thresholds } = calibration ?? {}
  assertJson(where, 'calibration', thresholds)
  const header = {
    ...maker,
    notes,
    preparation,
    calibration: calibration && (thresholds as Omit<Calibration, 'scores'>),
  }
  const text = formatHeader(header)
  parseHeader(where, text) // what could not be read again is refused here
  const all = new Map<string, Tensor<DType>>(Object.entries(tensors))
  if (calibration) {
    const kept = tensorOf('float64', [scores?.length ?? 0], scores as Float64Array)
    calibrationScores(where, kept)
    all.set(SCORES_NAME, kept)
  }
  return writeSafetensors(all, { [HEADER_KEY]: text, [DIGEST_KEY]: await contentDigest(text, all) })
}
