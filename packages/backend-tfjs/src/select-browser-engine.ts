import { chooseEngine } from './engines/choose-engine.ts'
import { cpuEngine } from './engines/cpu.ts'
import type { Engine, EngineName } from './engines/engine.ts'
import { wasmEngine } from './engines/wasm.ts'
import { webgpuEngine } from './engines/webgpu.ts'

export interface SelectBrowserEngineOptions {
  /** Engines in order of preference. Default `webgpu`, `wasm`, `cpu`. */
  readonly prefer?: readonly EngineName[]
  /** Threads of the wasm engine. Default: the engine decides. */
  readonly threads?: number
  /** Folder or URL prefix of tfjs's .wasm files. Default: next to the script. */
  readonly wasmPath?: string
}

/**
 * Starts the first engine that works in a browser: each is loaded, started, and must compute a convolution and its gradients
 * correctly before it is chosen. In Node use `selectEngine` of `@tab/backend-tfjs/node`, which knows more engines.
 * @throws INVALID_ARGUMENT for an engine that browsers do not have; UNSUPPORTED, with every reason, when none works
 * @example
 * ```ts
 * import { selectBrowserEngine, tfjsBackend } from '@tab/backend-tfjs'
 *
 * const engine = await selectBrowserEngine({ prefer: ['cpu'] })
 * console.log(engine.name, tfjsBackend().name) // cpu tfjs-cpu
 * ```
 */
export async function selectBrowserEngine(options: SelectBrowserEngineOptions = {}): Promise<Engine> {
  const { prefer = ['webgpu', 'wasm', 'cpu'], threads, wasmPath } = options
  return chooseEngine('selectBrowserEngine', prefer, {
    webgpu: webgpuEngine(),
    wasm: wasmEngine({ threads, wasmPath }),
    cpu: cpuEngine(),
  })
}
