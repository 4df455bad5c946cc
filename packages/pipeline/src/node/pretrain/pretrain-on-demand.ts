import { TabError } from '@tab/core'
import type { PretrainSpec } from '../../spec/pretrain-spec.ts'
import type { PretrainResult, PretrainTask } from './pretrain.ts'

/**
 * Aligns a backbone with text and fills a folder with the weights, their history and their card; `pretrain.ts` says how. It and TensorFlow.js
 * are loaded by the first call: a service that inspects needs neither.
 * @throws MISSING_DEPENDENCY without TensorFlow.js; what the training throws, naming the field
 * @example
 * ```ts
 * import { pretrain } from '@tab/pipeline/node'
 *
 * const { card, backbone } = await pretrain({
 *   data: ['washers'],
 *   output: 'aligned',
 *   settings: { steps: 1, pairs: 2, imageSize: 32 },
 *   validation: 0,
 *   engine: 'wasm',
 *   workers: 0,
 * })
 * console.log(card.architecture, card.steps, card.text, backbone.endsWith('backbone.safetensors')) // resnet18 1 no CLIP text true
 * ```
 */
export async function pretrain(spec: PretrainSpec, task: PretrainTask = {}): Promise<PretrainResult> {
  const { pretrain: run } = await import('./pretrain.ts').catch((cause: unknown) => {
    if (!/tensorflow\/tfjs/.test(cause instanceof Error ? cause.message : '')) throw cause
    const message =
      'TensorFlow.js cannot be loaded; install it with: npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm'
    throw new TabError('MISSING_DEPENDENCY', { where: 'pretrain', message, cause })
  })
  return run(spec, task)
}
