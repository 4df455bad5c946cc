import * as tf from '@tensorflow/tfjs'
import { sumInParts } from '../webgpu/sum-in-parts.ts'
import { watchDevice, type DeviceBackend } from '../webgpu/watch-device.ts'
import { startBackend } from './choose-engine.ts'
import type { EngineOpener } from './engine.ts'
import { loadPackage } from './load-package.ts'

/** WebGPU, where the page (or what `prepare` sets up) has it, with sums of any length, and errors where the device fails. */
export function webgpuEngine(prepare: () => Promise<void> = async () => undefined): EngineOpener {
  return {
    async open() {
      await prepare()
      const gpu = (globalThis as { navigator?: { gpu?: { requestAdapter(): Promise<unknown> } } }).navigator?.gpu
      if (!gpu) throw new Error('this platform has no navigator.gpu')
      if (!(await gpu.requestAdapter())) throw new Error('WebGPU found no graphics adapter: a driver is missing')
      const name = '@tensorflow/tfjs-backend-webgpu'
      // Typed here, as the package is optional and its types depend on those of WebGPU.
      await loadPackage(name, () => import(/* @vite-ignore */ name) as Promise<unknown>)
      await startBackend('webgpu')
      const backend = tf.backend() as unknown as DeviceBackend
      watchDevice(backend)
      sumInParts('webgpu', backend.device.limits.maxStorageBuffersPerShaderStage - 1) // one is for the result
      return { backend: 'webgpu' }
    },
  }
}
