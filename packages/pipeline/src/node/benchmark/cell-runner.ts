import { Worker, type WorkerOptions } from 'node:worker_threads'
import { TabError, turnOffTelemetry, type LongTaskOptions } from '@tab/core'
import type { CellResult } from '../../results/cell-result.ts'
import { cellTools, type CellToolsOptions } from './cell-tools.ts'
import { runCell } from './run-cell.ts'
import type { CellAnswer, CellJob } from './worker.ts'

/** Runs cells one at a time, in this thread or in one of its own. */
export interface CellRunner {
  run(job: CellJob, task: LongTaskOptions): Promise<CellResult>
  stop(): Promise<void>
}

/** In this thread. */
export async function localRunner(options: CellToolsOptions): Promise<CellRunner> {
  const tools = await cellTools(options)
  return {
    run: ({ cell, key }, task) => runCell(cell, key, tools, task),
    stop: async () => tools.dispose(),
  }
}

/** The code of a thread: run from its sources, the command has its files where they are written; built, it is next to this. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './benchmark-worker.js', import.meta.url)

/** In a thread of its own; an abort ends the thread. */
export function threadRunner(options: CellToolsOptions, file: URL = THREAD, more: WorkerOptions = {}): CellRunner {
  turnOffTelemetry() // here, as a thread's own process.env does not reach the runtime
  const worker = new Worker(file, { ...more, workerData: options })
  return {
    run: (job, { signal }) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          // One by one: without the listeners that a worker has of itself, its next answer would not come through.
          worker.off('message', take).off('error', fail).off('exit', ended)
          signal?.removeEventListener('abort', abort)
        }
        const fail = (error: unknown): void => {
          settle()
          reject(error)
        }
        const ended = (code: number): void =>
          fail(new TabError('UNSUPPORTED', { where: 'benchmark', message: `a thread ended with code ${code}` }))
        const take = (answer: CellAnswer): void => {
          if ('code' in answer) return fail(new TabError(answer.code, answer.fields))
          settle()
          resolve(answer.result)
        }
        const abort = (): void => {
          void worker.terminate()
          fail(new TabError('ABORTED', { where: 'benchmark', message: 'aborted by the caller', cause: signal?.reason }))
        }
        if (signal?.aborted) return abort()
        signal?.addEventListener('abort', abort, { once: true })
        worker.on('message', take).on('error', fail).on('exit', ended)
        worker.postMessage(job)
      }),
    stop: async () => void (await worker.terminate()),
  }
}
