import * as tf from '@tensorflow/tfjs'
import { startBackend } from './choose-engine.ts'
import type { EngineOpener } from './engine.ts'

/** Plain JavaScript: runs anywhere, about sixty times slower than wasm. */
export function cpuEngine(): EngineOpener {
  return {
    async open() {
      await startBackend('cpu') // comes with @tensorflow/tfjs
      await withoutAdvertisement(async () => tf.scalar(0).dispose())
      return { backend: 'cpu' }
    },
  }
}

/** With its first tensor in Node, this engine prints that tfjs-node would be faster, unless tfjs is in production mode. */
async function withoutAdvertisement(task: () => Promise<void>): Promise<void> {
  const production = tf.env().getBool('PROD')
  tf.env().set('PROD', true)
  try {
    await task()
  } finally {
    tf.env().set('PROD', production)
  }
}
