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

const boxes = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(), fc.nat()), { minLength: 1, maxLength: 5 })

describe('slices on wasm', () => {
  test('take the values of their places, over random boxes and element types', () => {
    fc.assert(
      fc.property(boxes, fc.constantFrom('float32', 'int32', 'bool'), (axes, dtype) => {
        const shape = axes.map(([length]) => length)
        const begin = axes.map(([length, from]) => from % length)
        const size = axes.map(([length, , some], axis) => 1 + (some % (length - (begin[axis] as number))))
        const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
        const all = Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => (dtype === 'bool' ? i % 2 : i))
        const wanted: number[] = []
        const walk = (axis: number, place: number): void => {
          if (axis === shape.length) wanted.push(all[place] as number)
          else
            for (let i = 0; i < (size[axis] as number); i++)
              walk(axis + 1, place + ((begin[axis] as number) + i) * (strides[axis] as number))
        }
        walk(0, 0)
        tf.tidy(() => {
          const part = tf.slice(tf.tensor(all, shape, dtype as 'int32'), begin, size)
          expect([part.shape, [...part.dataSync()].map(Number)]).toEqual([size, wanted])
        })
      }),
      { numRuns: 100 },
    )
  })

  test('a split gives its parts along any axis, and refuses a box outside', () => {
    tf.tidy(() => {
      const parts = tf.split(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), [1, 2], -1)
      expect(parts.map((part) => [...part.dataSync()])).toEqual([
        [1, 4],
        [2, 3, 5, 6],
      ])
      expect(() => tf.slice(tf.zeros([2, 3]), [0, 2], [2, 2])).toThrow('begin[1] + size[1] (4) would overflow')
      expect([...tf.slice(tf.tensor1d(['a', 'b', 'c']), 1, 2).dataSync()]).toEqual(['b', 'c'])
      expect(() => tf.gather(tf.zeros([2, 3]), [2])).toThrow('index value 2 is not in [0, 1]')
    })
  })
})

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

  test('a product with either side transposed, and batches', () => {
    tf.tidy(() => {
      const [a, b] = [tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]), tf.tensor2d([1, 0, 2, -1, 1, 3], [2, 3])]
      const values = (x: tf.Tensor) => [...x.dataSync()]
      expect(values(tf.matMul(a, b))).toEqual([-1, 2, 8, -1, 4, 18, -1, 6, 28])
      expect(values(tf.matMul(tf.transpose(a), b, true))).toEqual([-1, 2, 8, -1, 4, 18, -1, 6, 28])
      expect(values(tf.matMul(a, tf.transpose(b), false, true))).toEqual([-1, 2, 8, -1, 4, 18, -1, 6, 28])
      const batches = tf.matMul(tf.stack([tf.transpose(a), tf.transpose(a)]), tf.stack([b, tf.mul(b, 2)]), true)
      expect(values(batches).slice(9)).toEqual([-2, 4, 16, -2, 8, 36, -2, 12, 56])
    })
  })

  test('segments of any rank, negative ones left out', () => {
    tf.tidy(() => {
      const ids = tf.tensor2d([1, 0, -1, 1], [2, 2], 'int32')
      const sums = tf.unsortedSegmentSum(tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]), ids as never, 3)
      expect([...sums.dataSync()]).toEqual([3, 4, 8, 10, 0, 0])
    })
  })

  test('unequal strides are refused with their reason', () => {
    const convolve = (a: tf.Tensor4D) => tf.conv2d(a, tf.ones<tf.Rank.R4>([1, 1, 1, 1]), [1, 2], 'valid')
    expect(() => tf.tidy(() => tf.grad(convolve as never)(tf.ones([1, 4, 4, 1])))).toThrow('equal strides')
  })

  test('a clone outlives what it was cloned from', () => {
    const first = tf.tensor1d([1, 2])
    const second = tf.clone(first)
    first.dispose()
    const variable = tf.variable(second)
    second.dispose()
    variable.assign(tf.tidy(() => tf.add(variable, 1)))
    expect([...variable.dataSync()]).toEqual([2, 3])
    variable.dispose()
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
