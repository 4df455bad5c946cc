import { createRequire } from 'node:module'
import type * as Os from 'node:os'
import { dirname, join } from 'node:path'
import type * as WorkerThreads from 'node:worker_threads'
import { env } from '@tensorflow/tfjs'

/** Size of the thread pool that tfjs's wasm module creates. */
export const MOST_THREADS = 8

const require = createRequire(import.meta.url)

/**
 * Starts tfjs's wasm module with threads. tfjs turns threads off in Node, as Node cannot start a worker from tfjs's blob URL. While
 * `start` runs, workers start from a data URL with the same code. The module's other changes to the process (handlers that turn every
 * unhandled rejection into a crash, a global Worker) are undone.
 */
export async function withNodeThreads(threads: number, start: () => Promise<void>): Promise<void> {
  const handlers = (['uncaughtException', 'unhandledRejection'] as const).map((event) => {
    const before = process.listeners(event as 'uncaughtException')
    return { event: event as 'uncaughtException', before }
  })
  const threaded = threads > 1 ? borrowForThreads(threads) : undefined
  try {
    await Promise.race([start(), ...(threaded ? [threaded.failure] : [])])
  } finally {
    threaded?.restore()
    for (const { event, before } of handlers) {
      for (const added of process.listeners(event).filter((listener) => !before.includes(listener))) {
        process.removeListener(event, added)
      }
    }
  }
}

/** Replaces the parts of the platform that the module uses, until `restore` is called; `failure` rejects when a thread does not start. */
function borrowForThreads(threads: number): { failure: Promise<never>; restore: () => void } {
  const workerThreads = require('node:worker_threads') as { Worker: typeof WorkerThreads.Worker }
  const os = require('node:os') as { cpus: typeof Os.cpus }
  const scope = globalThis as { Worker?: unknown }
  const { Worker } = workerThreads
  const { cpus } = os
  const hadWorker = Object.hasOwn(scope, 'Worker')
  const globalWorker = scope.Worker
  const code = threadCode(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')))

  let fail: (error: unknown) => void
  const failure = new Promise<never>((_, reject) => (fail = reject))
  failure.catch(() => undefined) // it may also reject after the start
  workerThreads.Worker = class extends Worker {
    constructor() {
      super(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { execArgv: [] })
      this.on('error', fail)
      this.unref()
    }
    override ref(): void {
      // The threads of the pool never end by themselves, and must not keep the process alive.
    }
  }
  // tfjs uses at most half of the cores it is told of.
  os.cpus = () => {
    const real = cpus()
    return Array.from({ length: Math.max(real.length, 2 * threads) }, (_, index) => real[index % real.length] as never)
  }
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', true)
  const restore = (): void => {
    workerThreads.Worker = Worker
    os.cpus = cpus
    if (hadWorker) scope.Worker = globalWorker
    else delete scope.Worker
  }
  return { failure, restore }
}

/** tfjs's own worker script, given its module directly instead of through a blob. */
function threadCode(folder: string): string {
  const file = (name: string): string => JSON.stringify(join(folder, 'wasm-out', name))
  return `
import { createRequire } from 'node:module'
const require = createRequire(${file('worker.js')})
const { wasmWorkerContents } = require(${file('tfjs-backend-wasm-threaded-simd.worker.js')})
globalThis.WasmBackendModuleThreadedSimd = require(${file('tfjs-backend-wasm-threaded-simd.js')})
new Function('require', '__filename', wasmWorkerContents.replace(/\\n/g, '\\\\n'))(require, ${file('worker.js')})
globalThis.importScripts = () => undefined
`
}
