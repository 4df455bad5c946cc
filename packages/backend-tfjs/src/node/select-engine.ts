import { availableParallelism } from 'node:os'
import { checkNumber } from '@tab/core'
import { chooseEngine } from '../engines/choose-engine.ts'
import { cpuEngine } from '../engines/cpu.ts'
import type { Engine, EngineName } from '../engines/engine.ts'
import { wasmEngine } from '../engines/wasm.ts'
import { webgpuEngine } from '../engines/webgpu.ts'
import { prepareDawn } from './dawn.ts'
import { nativeEngine } from './native.ts'
import { MOST_THREADS, withNodeThreads } from './wasm-threads.ts'

export interface SelectEngineOptions {
  /** Engines in the order of preference. Default `node-gpu`, `node`, `webgpu`, `wasm`, `cpu`. */
  readonly prefer?: readonly EngineName[]
  /** Threads of the wasm engine, 1 to 8. Default: as many as the processor offers, up to 8. The first start fixes them. */
  readonly threads?: number
}

/**
 * Starts the first engine that works, in Node: each is loaded, started, and made to compute a convolution with its gradients before it is
 * taken. The packages of all engines but `cpu` are optional.
 * @throws INVALID_ARGUMENT for an unknown engine; UNSUPPORTED with every reason when none serves
 */
export async function selectEngine(options: SelectEngineOptions = {}): Promise<Engine> {
  const { prefer = ['node-gpu', 'node', 'webgpu', 'wasm', 'cpu'] } = options
  const { threads = Math.min(availableParallelism(), MOST_THREADS) } = options
  checkNumber('selectEngine', 'threads', threads, { integer: true, minimum: 1, maximum: MOST_THREADS })
  return chooseEngine(prefer, {
    'node-gpu': nativeEngine('@tensorflow/tfjs-node-gpu'),
    node: nativeEngine('@tensorflow/tfjs-node'),
    webgpu: webgpuEngine(prepareDawn),
    wasm: wasmEngine({ threads, around: (start) => withNodeThreads(threads, start) }),
    cpu: cpuEngine(),
  })
}
