import { Worker } from 'node:worker_threads'
import { TabError, turnOffTelemetry, type LongTaskOptions } from '@tab/core'
import type { FitSpec } from '@tab/pipeline'
import type { FitAnswer } from './fit-thread.ts'

/** Run from its sources, the code is where it is written; built, it is next to this. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './fit-thread.ts' : './fit-thread.js', import.meta.url)

/** Fits in a thread of its own, so that this one renews the lease. An abort ends the thread. */
export async function fitInThread(spec: FitSpec, { signal }: LongTaskOptions): Promise<void> {
  turnOffTelemetry() // here, as a thread's own process.env does not reach the runtime
  const worker = new Worker(THREAD, { workerData: spec })
  const aborted = (): TabError =>
    new TabError('ABORTED', { where: 'fit', message: 'aborted by the caller', cause: signal?.reason })
  try {
    const answer = await new Promise<FitAnswer>((resolve, reject) => {
      if (signal?.aborted) return reject(aborted())
      signal?.addEventListener('abort', () => reject(aborted()), { once: true })
      worker.once('message', resolve).once('error', reject)
      worker.once('exit', (code) => {
        reject(new TabError('UNSUPPORTED', { where: 'fit', message: `a thread ended with code ${code}` }))
      })
    })
    if (answer.error) throw new TabError(answer.error.code, answer.error)
  } finally {
    await worker.terminate()
  }
}
