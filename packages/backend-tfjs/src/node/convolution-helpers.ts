import { createRequire } from 'node:module'
import type * as WorkerThreads from 'node:worker_threads'
import type { ConvolutionHelpers } from '../wasm-kernels/winograd.ts'

const require = createRequire(import.meta.url)

/** Waits for the first word to change, works, and tells who waits for the second. */
const CODE = `
import { workerData } from 'node:worker_threads'
const { module, memory, job, thread } = workerData
const { work } = new WebAssembly.Instance(module, { env: { memory } }).exports
const words = new Int32Array(memory.buffer, job, 2)
for (let seen = 0; ; ) {
  Atomics.wait(words, 0, seen)
  seen = Atomics.load(words, 0)
  work(job, thread)
  Atomics.notify(words, 1)
}
`

/** Helpers as worker threads of Node. They keep no process alive; while they start, the main thread works alone. */
export function convolutionHelpers(count: number): ConvolutionHelpers {
  return {
    count,
    start(workerData) {
      const { Worker } = require('node:worker_threads') as typeof WorkerThreads
      const code = new URL(`data:text/javascript,${encodeURIComponent(CODE)}`)
      new Worker(code, { workerData, execArgv: [] }).unref()
    },
  }
}
