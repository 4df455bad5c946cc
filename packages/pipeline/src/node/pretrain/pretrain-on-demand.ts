import type { pretrainToFolder as pretrain } from './pretrain-to-folder.ts'

/** {@link pretrain}, loaded with TensorFlow.js when it is called: a service that inspects has no need of either. */
export const pretrainToFolder: typeof pretrain = async (plan, watcher) => {
  const { pretrainToFolder: run } = await import('./pretrain-to-folder.ts')
  return run(plan, watcher)
}
