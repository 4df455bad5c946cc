import { beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { toEngine, toHost } from '@tab/backend-tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import type { Tensor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import type { Backbone, Stage } from '@tab/model'
import { trainableBackbone, type BatchNormMode, type TrainableBackbone } from '@tab/model/training'
import { narrowBackbone } from '../narrow-backbone.ts'

beforeAll(async () => {
  // The smooth variant: softplus for ReLU, on both engines, so that no kink lies between two values that are compared.
  for (const engine of ['wasm', 'cpu'] as const) {
    await selectEngine({ prefer: [engine], threads: 1 })
    const softplus = tf.getKernel('Softplus', engine)
    tf.unregisterKernel('Relu', engine)
    tf.registerKernel({ ...softplus, kernelName: 'Relu', backendName: engine })
  }
  const slope = tf.getGradient('Softplus')
  tf.unregisterGradient('Relu')
  tf.registerGradient({ ...slope, kernelName: 'Relu' })
})

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
const IMAGES = randomTensor('images', [3, 24, 24, 3])
const CASES = [
  ['resnet18', 'frozen'],
  ['resnet18', 'train'],
  ['resnet50', 'frozen'],
  ['resnet50', 'train'],
] as const

/** Every stage's features, each weighted by a random number; the loss is the sum of all, so all layers have a part in it. */
function probe(
  network: TrainableBackbone,
  { layers }: Backbone,
  images: tf.Tensor4D,
  mode: BatchNormMode,
): tf.Tensor[] {
  const seen = new Map()
  let value = network.stem(images, mode, seen)
  const weighted = layers.map(({ name }) => {
    value = network.stage(name as Stage, value, mode, seen)
    const weights = toEngine(randomTensor(`probe ${name}`, value.shape, -1, 1))
    return tf.mul(value, weights)
  })
  for (const { mean, variance } of seen.values()) tf.dispose([mean, variance])
  return weighted
}

async function gradientsOn(engine: 'wasm' | 'cpu', backbone: Backbone, mode: BatchNormMode) {
  await selectEngine({ prefer: [engine], threads: 1 })
  const network = trainableBackbone(backbone)
  const variables = network.trainable(['layer1', 'layer2'])
  const { grads } = tf.tidy(() =>
    tf.variableGrads(() => {
      const parts = probe(network, backbone, toEngine(IMAGES) as tf.Tensor4D, mode)
      return tf.addN(parts.map((part) => tf.sum(part))) as tf.Scalar
    }, [...variables.values()]),
  )
  const gradients = new Map<string, Tensor>()
  for (const [name, { name: id }] of variables) gradients.set(name, await toHost(grads[id] as tf.Tensor))
  tf.dispose(grads)
  network.dispose()
  return gradients
}

describe('gradients of the trainable network', () => {
  test.each(CASES)('%s, BatchNorm %s: every parameter has the same on two engines', async (architecture, mode) => {
    const backbone = narrowBackbone(architecture, 'layer2')
    const onWasm = await gradientsOn('wasm', backbone, mode)
    const onCpu = await gradientsOn('cpu', backbone, mode)
    expect(onWasm.size).toBe([...backbone.parameters.keys()].filter((name) => !name.includes('running')).length)
    for (const [name, { data }] of onWasm) {
      const other = onCpu.get(name)?.data as Float32Array
      const difference = norm(data.map((value, i) => value - (other[i] as number)))
      expect(`${name} ${norm(other)}`).not.toBe(`${name} 0`)
      expect(`${name} ${difference / norm(other) < 1e-4}`).toBe(`${name} true`)
    }
  })

  test.each([CASES[0], CASES[3]])(
    '%s, BatchNorm %s: each of the stages equals differences of the loss',
    async (architecture, mode) => {
      const backbone = narrowBackbone(architecture, 'layer2')
      const gradients = await gradientsOn('wasm', backbone, mode)
      const network = trainableBackbone(backbone)
      const loss = () =>
        tf.tidy(() =>
          probe(network, backbone, toEngine(IMAGES) as tf.Tensor4D, mode)
            .flatMap((part) => [...part.dataSync()])
            .reduce((sum, value) => sum + value, 0),
        )
      for (const [name, variable] of network.trainable(['layer1', 'layer2'])) {
        if (!name.startsWith('layer')) continue // the stem's maxima jump from pixel to pixel; its pooling has a test of its own
        // Along the gradient, where a difference stands out most. One step that fits is enough: in single precision a short one drowns in
        // rounding and a long one bends, each parameter elsewhere.
        const { data } = gradients.get(name) as Tensor
        const start = Float32Array.from(await variable.data())
        const at = (distance: number): number => {
          const moved = start.map((value, i) => value + (distance / norm(data)) * (data[i] as number))
          tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)))
          return loss()
        }
        const errors: number[] = []
        const fits = [0.01, 0.02, 0.005, 0.03].some((share) => {
          const step = share * Math.max(norm(start), 1)
          const [near, far] = [at(step) - at(-step), at(2 * step) - at(-2 * step)]
          const error = Math.abs((8 * near - far) / (12 * step * norm(data)) - 1)
          errors.push(error)
          return error < 1e-3
        })
        at(0)
        expect(`${name} ${fits ? 'equal' : String(errors)}`).toBe(`${name} equal`)
      }
      network.dispose()
    },
  )
})
