// A thread of a benchmark: runs the cells that it is given, one at a time.
import { parentPort, workerData } from 'node:worker_threads'
import { isTabError, TabError, type TabErrorFields, type TabErrorCode } from '@tab/core'
import type { CellResult } from '../../results/cell-result.ts'
import { cellTools, type CellToolsOptions } from './cell-tools.ts'
import type { Cell } from './cells.ts'
import { runCell } from './run-cell.ts'

export interface CellJob {
  readonly cell: Cell
  readonly key: string
}

export type CellAnswer =
  | { readonly result: CellResult }
  | { readonly code: TabErrorCode; readonly fields: Pick<TabErrorFields, 'where' | 'message'> }

const tools = cellTools(workerData as CellToolsOptions)

parentPort?.on('message', ({ cell, key }: CellJob) => void answer(cell, key).then((it) => parentPort?.postMessage(it)))

async function answer(cell: Cell, key: string): Promise<CellAnswer> {
  try {
    return { result: await runCell(cell, key, await tools, {}) }
  } catch (error) {
    const known = isTabError(error)
      ? error
      : new TabError('UNSUPPORTED', { where: 'benchmark', message: String(error) })
    return { code: known.code, fields: { where: known.where, message: known.message.slice(known.where.length + 2) } }
  }
}
