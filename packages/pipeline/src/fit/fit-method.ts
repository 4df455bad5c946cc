import { TabError } from '@tab/core'
import * as z from 'zod'
import { DETECTOR_FIELDS, type LearningSpec } from '../spec/detector-spec.ts'

/** A method that learns from good images, and its settings: `{ method: 'patchcore', coresetRatio: 0.1 }`, `{ method: 'padim' }`. */
export type FitMethod = LearningSpec

const SCHEMA = z.discriminatedUnion('method', [
  z.strictObject(DETECTOR_FIELDS.patchcore),
  z.strictObject(DETECTOR_FIELDS.padim),
])

/** @throws INVALID_ARGUMENT for another method, a setting that it does not have or a value that is out of range */
export function learningSpec(method: FitMethod): LearningSpec {
  const { success, data, error } = SCHEMA.safeParse(method)
  if (success) return data
  throw new TabError('INVALID_ARGUMENT', { where: 'fitInspector.method', message: z.prettifyError(error) })
}
