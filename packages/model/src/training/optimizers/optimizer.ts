import * as tf from '@tensorflow/tfjs'

/** A weight that learns, with its gradient and what the optimizer does to it. */
export interface Update {
  readonly name: string
  readonly variable: tf.Variable
  readonly gradient: tf.Tensor
  readonly learningRate: number
}

/** Changes variables by their gradients; its moments are part of a checkpoint. */
export interface Optimizer {
  /** @param step from 0 */
  apply(updates: readonly Update[], step: number): void
  /** Moments by name; an entry is made when a variable is first updated. */
  readonly moments: Map<string, tf.Variable>
  dispose(): void
}

function momentOf(moments: Map<string, tf.Variable>, name: string, like: tf.Variable): tf.Variable {
  const found = moments.get(name) ?? tf.tidy(() => tf.variable(tf.zerosLike(like), false))
  moments.set(name, found)
  return found
}

/** Biases and the parts of normalisations are not decayed. */
const decays = ({ variable }: Update): boolean => variable.rank >= 2

/** AdamW (Loshchilov & Hutter 2019), as torch: w -= lr (decay w + m' / (sqrt(v') + 1e-8)). */
export function adamW(weightDecay: number, [beta1, beta2]: readonly [number, number] = [0.9, 0.999]): Optimizer {
  const moments = new Map<string, tf.Variable>()
  return {
    moments,
    apply(updates, step) {
      for (const update of updates) {
        const { name, variable, gradient, learningRate } = update
        const first = momentOf(moments, `${name}/m`, variable)
        const second = momentOf(moments, `${name}/v`, variable)
        tf.tidy(() => {
          first.assign(tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1)))
          second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2)))
          const scale = learningRate / (1 - beta1 ** (step + 1))
          const root = tf.add(tf.sqrt(tf.div(second, 1 - beta2 ** (step + 1))), 1e-8)
          const kept = decays(update) ? tf.mul(variable, 1 - learningRate * weightDecay) : variable
          variable.assign(tf.sub(kept, tf.mul(tf.div(first, root), scale)))
        })
      }
    },
    dispose: () => tf.dispose([...moments.values()]),
  }
}

/** SGD with momentum, as torch: b = momentum b + g + decay w; w -= lr b. */
export function sgd(momentum: number, weightDecay: number): Optimizer {
  const moments = new Map<string, tf.Variable>()
  return {
    moments,
    apply(updates) {
      for (const update of updates) {
        const { name, variable, gradient, learningRate } = update
        const buffer = momentOf(moments, `${name}/b`, variable)
        tf.tidy(() => {
          const decayed = decays(update) ? tf.add(gradient, tf.mul(variable, weightDecay)) : gradient
          buffer.assign(tf.add(tf.mul(buffer, momentum), decayed))
          variable.assign(tf.sub(variable, tf.mul(buffer, learningRate)))
        })
      }
    },
    dispose: () => tf.dispose([...moments.values()]),
  }
}
