import { chooseEngine } from './engines/choose-engine.ts'
import { cpuEngine } from './engines/cpu.ts'
import type { Engine, EngineName } from './engines/engine.ts'
import { wasmEngine } from './engines/wasm.ts'
import { webgpuEngine } from './engines/webgpu.ts'

export interface SelectEngineOptions {
  /** Engines in the order of preference. Default `webgpu`, `wasm`, `cpu`. */
  readonly prefer?: readonly EngineName[]
  /** Threads of the wasm engine. Default: it decides. */
  readonly threads?: number
  /** Folder or URL prefix of tfjs's .wasm files. Default: beside the script. */
  readonly wasmPath?: string
}

/**
 * Starts the first engine that works, in a browser: each is loaded, started, and made to compute a convolution with its gradients before
 * it is taken. In Node use the function of the same name of `@tab/backend-tfjs/node`, which knows more engines.
 * @throws INVALID_ARGUMENT for an engine that a browser does not have; UNSUPPORTED with every reason when none serves
 */
export async function selectEngine(options: SelectEngineOptions = {}): Promise<Engine> {
  const { prefer = ['webgpu', 'wasm', 'cpu'], threads, wasmPath } = options
  return chooseEngine(prefer, { webgpu: webgpuEngine(), wasm: wasmEngine({ threads, wasmPath }), cpu: cpuEngine() })
}
