import { assertKnownKeys, parseJson, TabError, type DetectorState, type JsonValue } from '@tab/core'
import { isSize } from '../detector-state/is-size.ts'
import type { Calibration } from '../thresholds/calibration.ts'
import { isRecord } from './json-value.ts'

/**
 * How images are prepared for the detector. The same type as `Preparation` of `@tab/data`, whose `prepareImage` and `imageBatches`
 * apply it; declared again here, as neither package imports the other.
 */
export interface Preparation {
  /** `[height, width]` that images are resized to. */
  readonly size: readonly [number, number]
  /** `[height, width]` of the middle part kept after the resize. Default: all of it. */
  readonly crop?: readonly [number, number]
  /** Default `bilinear`. */
  readonly filter?: 'bilinear' | 'lanczos'
  /** How files are resized in Node. Default `exact`. */
  readonly reading?: 'exact' | 'fast'
}

/** What a detector file contains besides tensors. */
export interface DetectorHeader extends Omit<DetectorState, 'tensors'> {
  readonly preparation: Preparation | undefined
  /** The thresholds, without the scores they were computed from. */
  readonly calibration: Omit<Calibration, 'scores' | 'peaks'> | undefined
  /** Anything that was saved with the detector. */
  readonly notes: Readonly<Record<string, JsonValue>>
}

/** Keys of the parts in a safetensors file. */
export const HEADER_KEY = 'tab.detector'
export const DIGEST_KEY = 'tab.digest'
export const SCORES_NAME = 'calibration/scores'
export const PEAKS_NAME = 'calibration/peaks'

const FAMILY = 'tab.detector/'
const SCHEMA_VERSION = 1
const KEYS = ['schema', 'method', 'version', 'extractorId', 'options', 'preparation', 'calibration', 'notes'] as const
const CALIBRATION_KEYS = [
  'method',
  'falsePositiveRate',
  'guaranteedRate',
  'threshold',
  'pixelFalsePositiveRate',
  'pixelThreshold',
] as const

/** The header as JSON text. */
export function formatHeader({ preparation = undefined, calibration = undefined, ...rest }: DetectorHeader): string {
  const header = { schema: `${FAMILY}${SCHEMA_VERSION}`, ...rest, preparation, calibration }
  return JSON.stringify(header, (_, value: unknown) => (value === undefined ? null : value))
}

/**
 * Reads a header that {@link formatHeader} wrote.
 * @throws INVALID_DATA for anything else, INCOMPATIBLE for a newer schema
 */
export function parseHeader(where: string, text: string | undefined): DetectorHeader {
  if (text === undefined) refuse(where, `a detector file, with ${HEADER_KEY} in its metadata`, 'none')
  let header: unknown
  try {
    header = parseJson(text)
  } catch (cause) {
    throw new TabError('INVALID_DATA', { where, message: `${HEADER_KEY} is not JSON`, cause })
  }
  if (!isRecord(header)) refuse(where, `${HEADER_KEY} must be an object`, typeof header)
  checkSchema(where, header['schema'])
  assertKnownKeys(where, header, KEYS)
  const { method, version, extractorId, options, preparation, calibration, notes } = header
  const sound =
    typeof method === 'string' &&
    Number.isSafeInteger(version) &&
    typeof extractorId === 'string' &&
    isRecord(options) &&
    isRecord(notes)
  if (!sound) {
    const expected = 'method and extractorId as text, version as a whole number, options and notes as objects'
    refuse(where, expected, text.slice(0, 200))
  }
  return {
    method,
    version: version as number,
    extractorId,
    options: options as DetectorState['options'],
    preparation: preparation === null ? undefined : parsePreparation(where, preparation),
    calibration: calibration === null ? undefined : parseCalibration(where, calibration),
    notes: notes as DetectorHeader['notes'],
  }
}

function refuse(where: string, expected: string, actual: string): never {
  throw new TabError('INVALID_DATA', { where, expected, actual })
}

function checkSchema(where: string, schema: unknown): void {
  const version = typeof schema === 'string' && schema.startsWith(FAMILY) ? Number(schema.slice(FAMILY.length)) : NaN
  if (version === SCHEMA_VERSION) return
  const expected = `schema ${FAMILY}${SCHEMA_VERSION}`
  if (!(version > SCHEMA_VERSION)) refuse(where, expected, JSON.stringify(schema) ?? 'none')
  const actual = `${String(schema)}, which a newer version of this package wrote`
  throw new TabError('INCOMPATIBLE', { where, expected, actual })
}

function parsePreparation(where: string, value: unknown): Preparation {
  const sound =
    isRecord(value) &&
    isSize(value['size']) &&
    (value['crop'] === undefined || isSize(value['crop'])) &&
    [undefined, 'bilinear', 'lanczos'].includes(value['filter'] as undefined) &&
    [undefined, 'exact', 'fast'].includes(value['reading'] as undefined)
  if (!sound) {
    const expected =
      'preparation with size [height, width], and crop, filter (bilinear, lanczos) and reading (exact, fast) where used'
    refuse(where, expected, JSON.stringify(value) ?? 'none')
  }
  assertKnownKeys(where, value, ['size', 'crop', 'filter', 'reading'])
  return value as unknown as Preparation
}

/** JSON writes null for NaN, and 1e999 is infinite; with either as a threshold, all parts would be good. */
function isRate(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < 1
}

function parseCalibration(where: string, value: unknown): Omit<Calibration, 'scores' | 'peaks'> {
  const sound =
    isRecord(value) &&
    ['held-out', 'cross-fitted'].includes(value['method'] as string) &&
    ['falsePositiveRate', 'pixelFalsePositiveRate'].every((key) => isRate(value[key])) &&
    (value['guaranteedRate'] === null || isRate(value['guaranteedRate'])) &&
    Number.isFinite(value['threshold']) &&
    Number.isFinite(value['pixelThreshold'])
  if (!sound) refuse(where, `calibration with ${CALIBRATION_KEYS.join(', ')}`, JSON.stringify(value) ?? 'none')
  assertKnownKeys(where, value, CALIBRATION_KEYS)
  return value as unknown as Omit<Calibration, 'scores' | 'peaks'>
}
