import * as tf from '@tensorflow/tfjs'
import { toEngine, toHost } from '@tab/backend-tfjs'
import { TabError, type Tensor } from '@tab/core'
import type { AlignmentNetwork } from '../network/alignment-network.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import type { FeatureRuntime } from '../runtime/feature-runtime.ts'
import { NO_PROGRESS, type TrainingProgress, type TrainingState } from './training-state.ts'

/** A {@link TrainingState} on the engine, where steps change it in place. */
export interface LiveState {
  progress: TrainingProgress
  readonly network: AlignmentNetwork
  /** What computes the backbone, where tfjs's engine does not. */
  readonly runtime: FeatureRuntime | undefined
  readonly optimizer: Optimizer
  readonly averages: Map<string, tf.Variable>
  bestWeights: ReadonlyMap<string, Tensor>
}

/** The state before the first step; it owns network, runtime and optimizer. */
export function liveState(
  network: AlignmentNetwork,
  optimizer: Optimizer,
  runtime: FeatureRuntime | undefined,
): LiveState {
  return { progress: NO_PROGRESS, network, runtime, optimizer, averages: new Map(), bestWeights: new Map() }
}

/**
 * The state as plain data, to the bit.
 * @throws NUMERICAL for a number that is not finite, naming the tensor: training cannot resume from it
 */
export async function stateOf({ progress, ...live }: LiveState): Promise<TrainingState> {
  const { network, optimizer, averages, bestWeights } = live
  return {
    ...progress,
    weights: await hostTensors(network.changing, progress.step),
    moments: await hostTensors(optimizer.moments, progress.step),
    averages: await hostTensors(averages, progress.step),
    bestWeights,
  }
}

/**
 * Puts a state on the engine.
 * @throws INVALID_DATA for weights of other names or shapes than the network's
 */
export function takeUp(live: LiveState, state: TrainingState): void {
  const { weights, moments, averages, bestWeights, ...progress } = state
  assignWeights(live.network, weights)
  putInto(live.optimizer.moments, moments)
  putInto(live.averages, averages)
  live.bestWeights = bestWeights
  live.progress = progress
}

/** Gives the network other weights. */
export function assignWeights({ changing }: AlignmentNetwork, weights: ReadonlyMap<string, Tensor>): void {
  for (const name of new Set([...changing.keys(), ...weights.keys()])) {
    const [variable, weight] = [changing.get(name), weights.get(name)]
    if (!variable || !weight || variable.shape.join() !== weight.shape.join()) {
      throw new TabError('INVALID_DATA', {
        where: 'pretrain, checkpoint',
        expected: variable ? `${name} [${variable.shape.join(',')}]` : `nothing called ${name}`,
        actual: weight ? `[${weight.shape.join(',')}]` : 'none',
      })
    }
    const value = toEngine(weight)
    variable.assign(value)
    value.dispose()
  }
}

export async function hostTensors(
  variables: ReadonlyMap<string, tf.Variable>,
  step: number,
): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>()
  for (const [name, variable] of variables) tensors.set(name, finite(name, await toHost(variable), step))
  return tensors
}

/** Frees what the state holds on the engine. */
export function disposeState({ network, runtime, optimizer, averages }: LiveState): void {
  network.dispose()
  runtime?.dispose()
  optimizer.dispose()
  tf.dispose([...averages.values()])
}

function putInto(variables: Map<string, tf.Variable>, values: ReadonlyMap<string, Tensor>): void {
  for (const [name, value] of values) {
    variables.get(name)?.dispose()
    variables.set(
      name,
      tf.tidy(() => tf.variable(toEngine(value), false)),
    )
  }
}

const { isFinite } = Number // of millions of values, looked up once

/**
 * A tensor of a training, when all of it is finite.
 * @throws NUMERICAL naming it
 */
export function finite(name: string, values: Tensor, step: number): Tensor {
  const wrong = values.data.find((value) => !isFinite(value))
  if (wrong === undefined) return values
  throw new TabError('NUMERICAL', {
    where: `pretrain, step ${step}`,
    expected: `finite numbers in ${name}`,
    actual: `${wrong}: try a smaller learningRate or clipNorm; the last checkpoint is kept`,
  })
}
