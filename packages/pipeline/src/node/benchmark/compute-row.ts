import { isTabError, type LongTaskOptions, type TabErrorCode } from '@tab/core'
import { CELL_SCHEMA, type CellRow } from '../../results/cell-result.ts'
import type { CellRunner } from './cell-runner.ts'
import type { CellJob } from './worker.ts'

/** Errors that say that a cell cannot be, whatever the machine: it is a row with its reason, and the others go on. */
const IMPOSSIBLE: readonly TabErrorCode[] = ['UNDEFINED_RESULT', 'INVALID_ARGUMENT', 'NUMERICAL']

/**
 * The row of a cell: its figures, or why there can be none.
 * @throws what says nothing of the cell itself, such as a file that cannot be read
 */
export async function computeRow(runner: CellRunner, job: CellJob, task: LongTaskOptions): Promise<CellRow> {
  try {
    return await runner.run(job, task)
  } catch (error) {
    if (!isTabError(error) || !IMPOSSIBLE.includes(error.code)) throw error
    const { cell, key } = job
    const { code, message } = error
    return { schema: CELL_SCHEMA, key, name: cell.name, weights: cell.weights ?? '', error: { code, message } }
  }
}
