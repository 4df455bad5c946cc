import { createRequire } from 'node:module'
import * as tf from '@tensorflow/tfjs'
import { startBackend } from '../engines/choose-engine.ts'
import type { EngineOpener } from '../engines/engine.ts'
import { loadPackage } from '../engines/load-package.ts'

/** TensorFlow's native library. The GPU package loads without a GPU too, and is refused then. */
export function nativeEngine(name: '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu'): EngineOpener {
  return {
    async open() {
      await loadPackage(name, () => withOldUtil(() => import(name) as Promise<unknown>))
      await startBackend('tensorflow')
      const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean }
      if (name === '@tensorflow/tfjs-node-gpu' && !isUsingGpuDevice) {
        throw new Error('TensorFlow found no GPU: CUDA or its driver is missing')
      }
      return { backend: 'tensorflow' }
    },
  }
}

/** tfjs-node 4.22 calls two functions of `util` that Node 23 removed; they exist while `task` runs and afterwards. */
async function withOldUtil<T>(task: () => Promise<T>): Promise<T> {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined
  util['isArray'] ??= (value: unknown) => Array.isArray(value)
  return task()
}
