import { installWasmKernels } from '../wasm-kernels/install.ts'
import { startBackend } from './choose-engine.ts'
import type { EngineOpener } from './engine.ts'
import { loadPackage } from './load-package.ts'

export interface WasmOptions {
  /** Threads asked for. Default: the engine decides (in a browser half of the cores, given cross-origin isolation). */
  readonly threads?: number | undefined
  /** Folder or URL prefix of tfjs's .wasm files, for browsers. */
  readonly wasmPath?: string | undefined
  /** Runs the start in an environment that the platform needs. */
  readonly around?: (start: () => Promise<void>) => Promise<void>
}

/** WebAssembly with SIMD: everywhere, with the gradients that tfjs itself lacks there. Threads are fixed by the first start. */
export function wasmEngine({ threads, wasmPath, around = (start) => start() }: WasmOptions = {}): EngineOpener {
  return {
    async open() {
      const name = '@tensorflow/tfjs-backend-wasm'
      const wasm = await loadPackage(name, () => import('@tensorflow/tfjs-backend-wasm'))
      if (wasmPath !== undefined) wasm.setWasmPaths(wasmPath)
      if (threads !== undefined) wasm.setThreadsCount(threads)
      await around(() => startBackend('wasm'))
      installWasmKernels()
      return { backend: 'wasm', threads: wasm.getThreadsCount() }
    },
  }
}
