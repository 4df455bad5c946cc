import { createRequire } from 'node:module'
import type * as WorkerThreads from 'node:worker_threads'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'

const workerThreads = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof WorkerThreads.Worker }
const { Worker } = workerThreads
const started: WorkerThreads.Worker[] = [] // those of the engine itself have no data

beforeAll(async () => {
  workerThreads.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args)
      if (args[1]?.workerData) started.push(this)
    }
  }
  await selectEngine({ prefer: ['wasm'], threads: 2 })
})
afterAll(() => void (workerThreads.Worker = Worker))

/** Gradients of a convolution that Winograd's algorithm takes, or of one that the engine takes. */
const gradients = (channels: number): number[] =>
  tf.tidy(() => {
    const [x, w] = [tf.ones([4, 8, 8, channels]), tf.ones([3, 3, channels, channels])]
    const convolve = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same')
    return tf
      .grads(convolve)([x, w])
      .map((gradient) => tf.max(gradient).dataSync()[0] as number)
  })

test('helpers start with the first gradient that they help with; after one has ended, that is an error at once', async () => {
  tf.tidy(() =>
    tf.conv2d(tf.ones([4, 8, 8, 32]) as tf.Tensor4D, tf.ones([3, 3, 32, 32]) as tf.Tensor4D, 1, 'same').dataSync(),
  )
  expect(gradients(4)).toEqual([36, 256])
  expect(started).toEqual([])
  for (const [index, expected] of [288, 256].entries()) expect(gradients(32)[index]).toBeCloseTo(expected, 2)
  expect(started).toHaveLength(1)
  await started[0]?.terminate()
  expect(() => gradients(32)).toThrow(/^winograd: a thread that helps with convolutions has ended: exit status \d/)
  expect(started).toHaveLength(1)
})
