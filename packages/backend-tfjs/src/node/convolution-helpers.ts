import { createRequire } from 'node:module'
import type * as WorkerThreads from 'node:worker_threads'
import { WINOGRAD_WORDS } from '@tab/kernels'
import type { ConvolutionHelpers } from '../wasm-kernels/winograd.ts'

const require = createRequire(import.meta.url)

/** Waits for the first word to change, works, and tells who waits for the second; the last says that it failed. */
const CODE = `
import { workerData } from 'node:worker_threads'
const { module, memory, job, thread } = workerData
const { work } = new WebAssembly.Instance(module, { env: { memory } }).exports
const words = new Int32Array(memory.buffer, job, ${WINOGRAD_WORDS})
for (let seen = 0; ; ) {
  Atomics.wait(words, 0, seen)
  seen = Atomics.load(words, 0)
  try {
    work(job, thread)
  } catch (error) {
    Atomics.store(words, words.length - 1, 1)
    throw error
  } finally {
    Atomics.notify(words, 1)
  }
}
`

/** Helpers as worker threads of Node. They keep no process alive; while they start, the main thread works alone. */
export function convolutionHelpers(count: number): ConvolutionHelpers {
  return {
    count,
    start(workerData, onEnd) {
      const { Worker } = require('node:worker_threads') as typeof WorkerThreads
      const code = new URL(`data:text/javascript,${encodeURIComponent(CODE)}`)
      const worker = new Worker(code, { workerData, execArgv: [] })
      worker.on('error', ({ message }) => onEnd(message)).on('exit', (status) => onEnd(`exit status ${status}`))
      worker.unref()
    },
  }
}
