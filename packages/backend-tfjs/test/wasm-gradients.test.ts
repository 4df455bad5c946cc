import { beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { ensureClose, randomTensor } from '@tab/core/testing'
import { tensor } from '@tab/core'
import fc from 'fast-check'
import { literalConvolutionGradients, literalMaxPoolGradient, type Geometry } from './literal-gradients.ts'

beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 1 })
})

const geometries = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    inputs: fc.constantFrom(1, 2, 3, 17),
    outputs: fc.constantFrom(1, 2, 5),
    kernelHeight: fc.integer({ min: 1, max: 4 }),
    kernelWidth: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    pads: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 2 }))),
  })
  .filter(
    ({ height, width, kernelHeight, kernelWidth, pads: [top, bottom, left, right] }) =>
      height + (top as number) + (bottom as number) >= kernelHeight &&
      width + (left as number) + (right as number) >= kernelWidth,
  )

function explicitPad({ pads: [top, bottom, left, right] }: Geometry): tf.backend_util.ExplicitPadding {
  return [
    [0, 0],
    [top as number, bottom as number],
    [left as number, right as number],
    [0, 0],
  ]
}

const outSize = ({ height, width, kernelHeight, kernelWidth, stride, pads: [top, bottom, left, right] }: Geometry) =>
  [
    Math.floor((height + (top as number) + (bottom as number) - kernelHeight) / stride) + 1,
    Math.floor((width + (left as number) + (right as number) - kernelWidth) / stride) + 1,
  ] as const

const host = (value: tf.Tensor) => tensor(value.shape, Float32Array.from(value.dataSync()))

describe('gradients on wasm equal literal loops', () => {
  test('convolution, by input and by filter, over random shapes, strides and pads', () => {
    fc.assert(
      fc.property(geometries, fc.integer({ min: 0, max: 1e6 }), (geometry, seed) => {
        const { batch, height, width, inputs, outputs, kernelHeight, kernelWidth, stride } = geometry
        const x = randomTensor(`x${seed}`, [batch, height, width, inputs], -1, 1)
        const w = randomTensor(`w${seed}`, [kernelHeight, kernelWidth, inputs, outputs], -1, 1)
        const dy = randomTensor(`dy${seed}`, [batch, ...outSize(geometry), outputs], -1, 1)
        tf.tidy(() => {
          const on = (t: { shape: readonly number[]; data: Float32Array }) => tf.tensor(t.data, [...t.shape])
          const [dx, dw] = tf.grads(((a: tf.Tensor4D, b: tf.Tensor4D) =>
            tf.conv2d(a, b, stride, explicitPad(geometry))) as never)([on(x), on(w)], on(dy)) as [tf.Tensor, tf.Tensor]
          const wanted = literalConvolutionGradients(geometry, x, w, dy)
          ensureClose('by input', host(dx), wanted.byInput, { relative: 1e-4, absolute: 1e-4 })
          ensureClose('by filter', host(dw), wanted.byFilter, { relative: 1e-4, absolute: 1e-4 })
        })
      }),
      { numRuns: 60 },
    )
  })

  test('max-pooling, also where all is negative, with values that repeat', () => {
    fc.assert(
      fc.property(geometries, fc.integer({ min: 0, max: 1e6 }), (geometry, seed) => {
        const { batch, height, width, inputs, kernelHeight, kernelWidth, stride, pads } = geometry
        fc.pre(pads.every((pad) => (pad as number) < Math.min(kernelHeight, kernelWidth)))
        const values = randomTensor(`x${seed}`, [batch, height, width, inputs], -8, 2)
        const x = tensor(values.shape, values.data.map(Math.round))
        const dy = randomTensor(`dy${seed}`, [batch, ...outSize(geometry), inputs], -1, 1)
        tf.tidy(() => {
          const pool = (a: tf.Tensor4D) => tf.maxPool(a, [kernelHeight, kernelWidth], stride, explicitPad(geometry))
          const gradient = tf.grad(pool as never)(tf.tensor(x.data, [...x.shape]), tf.tensor(dy.data, [...dy.shape]))
          ensureClose('gradient', host(gradient), literalMaxPoolGradient(geometry, x, dy))
        })
      }),
      { numRuns: 60 },
    )
  })

  test('a gather, with indices that repeat', () => {
    tf.tidy(() => {
      const gather = (a: tf.Tensor) => tf.gather(a, tf.tensor1d([2, 0, 2], 'int32'))
      const dy = tf.tensor2d([1, 2, 10, 20, 100, 200], [3, 2])
      expect([
        ...tf
          .grad(gather)(tf.zeros([4, 2]), dy)
          .dataSync(),
      ]).toEqual([10, 20, 0, 0, 101, 202, 0, 0])
    })
  })

  test('unequal strides are refused with their reason', () => {
    const convolve = (a: tf.Tensor4D) => tf.conv2d(a, tf.ones<tf.Rank.R4>([1, 1, 1, 1]), [1, 2], 'valid')
    expect(() => tf.tidy(() => tf.grad(convolve as never)(tf.ones([1, 4, 4, 1])))).toThrow('equal strides')
  })

  test('a step of gradients leaves no tensor behind', () => {
    const before = tf.memory().numTensors
    for (let i = 0; i < 3; i++) {
      tf.tidy(() => {
        const convolve = (a: tf.Tensor4D, b: tf.Tensor4D) => tf.maxPool(tf.conv2d(a, b, 2, 'same'), 2, 2, 'same')
        tf.grads(convolve as never)([tf.ones([1, 9, 9, 3]), tf.ones([3, 3, 3, 4])])
      })
    }
    expect(tf.memory().numTensors).toBe(before)
  })
})
