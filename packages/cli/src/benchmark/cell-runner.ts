import { Worker } from 'node:worker_threads'
import { TabError, type LongTaskOptions } from '@tab/core'
import type { CellResult } from './cell-result.ts'
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

/** In a thread of its own; an abort ends the thread. */
export function threadRunner(options: CellToolsOptions): CellRunner {
  // Run from its sources, the command has its files where they are written; built, the thread's code lies beside it.
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './benchmark-worker.js'
  const worker = new Worker(new URL(file, import.meta.url), { workerData: options })
  return {
    run: (job, { signal }) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          worker.removeAllListeners()
          signal?.removeEventListener('abort', abort)
        }
        const fail = (error: unknown): void => {
          settle()
          reject(error)
        }
        const abort = (): void => {
          void worker.terminate()
          fail(new TabError('ABORTED', { where: 'benchmark', message: 'aborted by the caller', cause: signal?.reason }))
        }
        if (signal?.aborted) return abort()
        signal?.addEventListener('abort', abort, { once: true })
        worker.once('message', (answer: CellAnswer) => {
          if ('code' in answer) return fail(new TabError(answer.code, answer.fields))
          settle()
          resolve(answer.result)
        })
        worker.once('error', fail)
        worker.once('exit', (code) =>
          fail(new TabError('UNSUPPORTED', { where: 'benchmark', message: `a thread ended with code ${code}` })),
        )
        worker.postMessage(job)
      }),
    stop: async () => void (await worker.terminate()),
  }
}
