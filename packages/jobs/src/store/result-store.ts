import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TabError } from '@tab/core'
import { writeAtomically } from '@tab/core/node'
import { isFailure, type CellRow } from '@tab/pipeline/results'
import type { CellTask, FitJob, Job } from '../job.ts'

/** Where a result is: named by the digest of all that decides it, so that a job that ran twice leaves one. */
export function resultPath({ kind, key, store }: Pick<Job, 'kind' | 'key' | 'store'>): string {
  return kind === 'fit' ? join(store, 'detectors', `${key}.safetensors`) : join(store, 'cells', `${key}.json`)
}

/** Folder of features where a worker has none of its own. */
export function featureFolder({ store }: Pick<Job, 'store'>): string {
  return join(store, 'features')
}

/** Whether a detector was fitted before. */
export async function hasDetector(job: FitJob): Promise<boolean> {
  return (await stat(resultPath(job)).catch(() => undefined))?.isFile() ?? false
}

/** Writes a row under a temporary name and renames it. */
export async function writeRow(job: CellTask, row: CellRow): Promise<void> {
  await writeAtomically(resultPath(job), `${JSON.stringify(row)}\n`)
}

/**
 * A row that was computed before; undefined where there is none.
 * @throws INVALID_DATA for a file that is not this row
 */
export async function readRow(job: Pick<CellTask, 'kind' | 'key' | 'store'>): Promise<CellRow | undefined> {
  const path = resultPath(job)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const row = parsed(text)
  if (row?.key === job.key && (isFailure(row) || typeof row.metrics === 'object')) return row
  const actual = text.slice(0, 60)
  throw new TabError('INVALID_DATA', { where: path, expected: `the row of the cell ${job.key}`, actual })
}

function parsed(text: string): CellRow | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as CellRow) : undefined
  } catch {
    return undefined
  }
}
