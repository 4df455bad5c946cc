import * as tf from '@tensorflow/tfjs'

/**
 * Moves the averages of variables by one step: a = d a + (1 - d) w; the first value is w itself. Running statistics of BatchNorm are averaged as
 * weights are, as torch's `AveragedModel(use_buffers=True)` does, so that the averaged weights have statistics that belong to them.
 * @param averages by name; an entry is made when there is none
 * @param decay d, in (0, 1)
 */
export function moveAverages(
  averages: Map<string, tf.Variable>,
  variables: ReadonlyMap<string, tf.Variable>,
  decay: number,
): void {
  for (const [name, variable] of variables) {
    const mean = averages.get(name)
    if (mean) tf.tidy(() => mean.assign(tf.add(tf.mul(mean, decay), tf.mul(variable, 1 - decay))))
    else
      averages.set(
        name,
        tf.tidy(() => tf.variable(tf.clone(variable), false)),
      )
  }
}

/** Runs a task while the variables hold their averages, and puts their values back; without averages they keep their own. */
export async function withAverages<T>(
  averages: ReadonlyMap<string, tf.Variable>,
  variables: ReadonlyMap<string, tf.Variable>,
  task: () => Promise<T>,
): Promise<T> {
  const own = new Map<tf.Variable, tf.Tensor>()
  try {
    for (const [name, mean] of averages) {
      const variable = variables.get(name) as tf.Variable
      own.set(variable, tf.clone(variable))
      variable.assign(mean)
    }
    return await task()
  } finally {
    for (const [variable, value] of own) variable.assign(value)
    tf.dispose([...own.values()])
  }
}
