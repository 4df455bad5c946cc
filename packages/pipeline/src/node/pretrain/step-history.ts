import { readFile } from 'node:fs/promises'
import { isTabError, TabError } from '@tab/core'
import { writeAtomically } from '@tab/core/node'
import type { StepRecord } from '@tab/model/training'

/** Records of all steps of a training, those before a checkpoint included. */
export interface StepHistory {
  readonly records: readonly StepRecord[]
  /**
   * Takes the next record. Later ones are dropped: a full disk, or a kill, may come between the records and the checkpoint that they are saved
   * with, and training then takes these steps again.
   * @throws INVALID_DATA where records of steps before it are missing
   */
  add(record: StepRecord): void
  /** Makes sure that there is a record of each of `steps` steps, and no other. */
  checkEnd(steps: number): void
  save(): Promise<void>
  text(): string
}

/**
 * @param path of history.jsonl beside the checkpoint
 * @param resumes whether it is read first
 * @throws NOT_FOUND or INVALID_DATA naming the file
 */
export async function stepHistory(path: string, resumes: boolean): Promise<StepHistory> {
  const records = resumes ? await readRecords(path) : []
  const lacks = (steps: number): TabError =>
    lacking(path, `a record of each of the ${steps} steps of the checkpoint`, `${records.length} records`)
  const text = (): string => records.map((record) => `${JSON.stringify(record)}\n`).join('')
  return {
    records,
    add(record) {
      if (records.length < record.step - 1) throw lacks(record.step - 1)
      records.splice(record.step - 1, Infinity, record)
    },
    checkEnd(steps) {
      if (records.length !== steps) throw lacks(steps)
    },
    save: () => writeAtomically(path, text()),
    text,
  }
}

async function readRecords(path: string): Promise<StepRecord[]> {
  const expected = 'a record of each step from the first, a line each'
  try {
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
    const records = lines.map((line) => JSON.parse(line) as StepRecord)
    const wrong = records.findIndex(({ step }, index) => step !== index + 1)
    if (wrong >= 0) throw lacking(path, expected, `step ${records[wrong]?.step} in line ${wrong + 1}`)
    return records
  } catch (cause) {
    if (isTabError(cause)) throw cause
    throw lacking(path, expected, (cause as Error).message, cause)
  }
}

function lacking(path: string, expected: string, actual: string, cause?: unknown): TabError {
  return new TabError('INVALID_DATA', { where: `spec.resume: ${path}`, expected, actual, cause })
}
