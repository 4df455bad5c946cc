import { TabError } from '@tab/core'
import type { pretrainToFolder as pretrain } from './pretrain-to-folder.ts'

/**
 * {@link pretrain}, loaded with TensorFlow.js when it is called: a service that inspects needs neither.
 * @throws MISSING_DEPENDENCY without TensorFlow.js
 */
export const pretrainToFolder: typeof pretrain = async (plan, watcher) => {
  const { pretrainToFolder: run } = await import('./pretrain-to-folder.ts').catch((cause: unknown) => {
    if (!/tensorflow\/tfjs/.test(cause instanceof Error ? cause.message : '')) throw cause
    const message =
      'TensorFlow.js cannot be loaded; install it with: npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm'
    throw new TabError('MISSING_DEPENDENCY', { where: 'pretrainToFolder', message, cause })
  })
  return run(plan, watcher)
}
