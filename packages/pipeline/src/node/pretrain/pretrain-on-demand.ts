import { TabError } from '@tab/core'
import type { pretrain as task } from './pretrain.ts'

/**
 * {@link task}, loaded with TensorFlow.js when it is called: a service that inspects needs neither.
 * @throws MISSING_DEPENDENCY without TensorFlow.js
 */
export const pretrain: typeof task = async (spec, options) => {
  const { pretrain: run } = await import('./pretrain.ts').catch((cause: unknown) => {
    if (!/tensorflow\/tfjs/.test(cause instanceof Error ? cause.message : '')) throw cause
    const message =
      'TensorFlow.js cannot be loaded; install it with: npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm'
    throw new TabError('MISSING_DEPENDENCY', { where: 'pretrain', message, cause })
  })
  return run(spec, options)
}
