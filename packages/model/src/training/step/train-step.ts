import * as tf from '@tensorflow/tfjs'
import { createPause, TabError } from '@tab/core'
import type { Pass } from '../batches/pair-stream.ts'
import { untilAborted } from '../batches/until-aborted.ts'
import { warmupCosine } from '../optimizers/schedule.ts'
import type { LiveState } from '../state/live-state.ts'
import { runtimeGradients } from '../runtime/runtime-gradients.ts'
import { stepped } from '../state/training-state.ts'
import { gradientSum } from './gradient-sum.ts'
import { moveAverages } from './moving-average.ts'
import { passGradients } from './pass-gradients.ts'
import type { StepRecord } from './step-record.ts'

/**
 * One optimizer step: gradients of its passes, averaged and clipped; the update; the moving averages. The state's progress moves on only when
 * all of it is done.
 * @param passes from the one that the state's progress names
 * @throws NUMERICAL for a loss or gradient that is not finite; ABORTED; what reading and synthesis throw
 */
export async function trainStep(
  state: LiveState,
  passes: AsyncGenerator<Pass, void, undefined>,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<StepRecord> {
  const { network, runtime, optimizer, averages, progress } = state
  const { settings, learning, heads } = network
  const { step } = progress
  const begun = performance.now()
  const pause = createPause('pretrain', signal)
  const sum = gradientSum(settings.accumulate)
  let waited = 0
  try {
    for (let pass = 0; pass < settings.accumulate; pass++) {
      const asked = performance.now()
      const { value } = await untilAborted('pretrain', signal, passes.next())
      waited += performance.now() - asked
      const dropoutSeed = `${seed}/${step}/${pass}`
      sum.add(
        runtime
          ? await runtimeGradients(network, runtime, value as Pass, dropoutSeed)
          : passGradients(network, value as Pass, dropoutSeed),
      )
      await pause()
    }
    const { loss, terms, norm } = await sum.read()
    if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
      throw new TabError('NUMERICAL', {
        where: `pretrain, step ${step + 1}`,
        expected: 'a finite loss and gradient',
        actual: `loss ${loss}, gradient norm ${norm}: try a smaller learningRate or clipNorm; the last checkpoint is kept`,
      })
    }
    const rate = warmupCosine(step, settings.steps, settings.warmup)
    const shrink = settings.clipNorm === null ? 1 : Math.min(1, settings.clipNorm / (norm + 1e-6))
    const updates = [...sum.gradients].map(([name, gradient]) => ({
      name,
      variable: learning.get(name) as tf.Variable,
      gradient: shrink === 1 ? tf.clone(gradient) : tf.mul(gradient, shrink),
      learningRate: rate * (name.startsWith('heads/') ? settings.headLearningRate : settings.learningRate),
    }))
    optimizer.apply(updates, step)
    tf.dispose(updates.map(({ gradient }) => gradient))
    if (settings.ema !== null) moveAverages(averages, network.changing, settings.ema)
    const [logScale] = await (heads.get('logScale') as tf.Variable).data()
    state.progress = stepped(progress, settings.accumulate)
    const seconds = (performance.now() - begun) / 1000
    return {
      step: step + 1,
      loss,
      terms,
      temperature: 1 / Math.min(100, Math.exp(logScale as number)),
      learningRate: rate * settings.learningRate,
      gradientNorm: norm,
      imagesPerSecond: (2 * settings.pairs * settings.accumulate) / seconds,
      waitedSeconds: waited / 1000,
    }
  } finally {
    sum.dispose()
  }
}
