import { installWasmKernels } from '../wasm-kernels/install.ts'
import type { ConvolutionHelpers } from '../wasm-kernels/winograd.ts'
import { startBackend } from './choose-engine.ts'
import type { EngineOpener } from './engine.ts'
import { loadPackage } from './load-package.ts'

export interface WasmOptions {
  /** Number of threads. Default: the engine decides (in a browser half of the cores, given cross-origin isolation). */
  readonly threads?: number | undefined
  /** Folder or URL prefix of tfjs's .wasm files, for browsers. */
  readonly wasmPath?: string | undefined
  /** Wraps the start in what the platform needs. */
  readonly around?: (start: () => Promise<void>) => Promise<void>
  /** Threads that help with convolutions where the engine has threads. */
  readonly helpers?: ConvolutionHelpers | undefined
}

/** WebAssembly with SIMD: runs everywhere, with the gradients that tfjs lacks on it. The first start fixes the number of threads. */
export function wasmEngine({
  threads,
  wasmPath,
  around = (start) => start(),
  helpers,
}: WasmOptions = {}): EngineOpener {
  return {
    async open() {
      const name = '@tensorflow/tfjs-backend-wasm'
      const wasm = await loadPackage(name, () => import('@tensorflow/tfjs-backend-wasm'))
      if (wasmPath !== undefined) wasm.setWasmPaths(wasmPath)
      if (threads !== undefined) wasm.setThreadsCount(threads)
      await around(() => startBackend('wasm'))
      installWasmKernels('wasm', helpers)
      return { backend: 'wasm', threads: wasm.getThreadsCount() }
    },
  }
}
