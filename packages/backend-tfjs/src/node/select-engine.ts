import { availableParallelism } from 'node:os'
import { checkNumber } from '@tab/core'
import { chooseEngine } from '../engines/choose-engine.ts'
import { cpuEngine } from '../engines/cpu.ts'
import type { Engine, EngineName } from '../engines/engine.ts'
import { wasmEngine } from '../engines/wasm.ts'
import { webgpuEngine } from '../engines/webgpu.ts'
import { convolutionHelpers } from './convolution-helpers.ts'
import { prepareDawn } from './dawn.ts'
import { nativeEngine } from './native.ts'
import { MOST_THREADS, withNodeThreads } from './wasm-threads.ts'

export interface SelectEngineOptions {
  /** Engines in order of preference. Default `node-gpu`, `node`, `webgpu`, `wasm`, `cpu`. */
  readonly prefer?: readonly EngineName[]
  /** Threads of the wasm engine, 1 to 8; the first start fixes their number. Default: as many as the processor offers, up to 8. */
  readonly threads?: number
}

/**
 * Starts the first engine that works in Node: each is loaded, started, and must compute a convolution and its gradients correctly
 * before it is chosen. The packages of all engines except `cpu` are optional.
 * @throws INVALID_ARGUMENT for an unknown engine; UNSUPPORTED, with every reason, when none works
 * @example
 * ```ts
 * import { selectEngine } from '@tab/backend-tfjs/node'
 *
 * const { name, threads, refused } = await selectEngine({ prefer: ['wasm', 'cpu'], threads: 2 })
 * console.log(name, threads, refused.length) // wasm 2 0
 * ```
 */
export async function selectEngine(options: SelectEngineOptions = {}): Promise<Engine> {
  const { prefer = ['node-gpu', 'node', 'webgpu', 'wasm', 'cpu'] } = options
  const { threads = Math.min(availableParallelism(), MOST_THREADS) } = options
  checkNumber('selectEngine', 'threads', threads, { integer: true, minimum: 1, maximum: MOST_THREADS })
  return chooseEngine('selectEngine', prefer, {
    'node-gpu': nativeEngine('@tensorflow/tfjs-node-gpu'),
    node: nativeEngine('@tensorflow/tfjs-node'),
    webgpu: webgpuEngine(prepareDawn),
    wasm: wasmEngine({
      threads,
      around: (start) => withNodeThreads(threads, start),
      helpers: threads > 1 ? convolutionHelpers(threads - 1) : undefined,
    }),
    cpu: cpuEngine(),
  })
}
