import { beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { tensor } from '@tab/core'
import { ensureClose, randomTensor } from '@tab/core/testing'
import fc from 'fast-check'
import { convolutionHelpers } from '../src/node/convolution-helpers.ts'
import type { WasmHeap } from '../src/wasm-kernels/heap.ts'
import { winogradOf } from '../src/wasm-kernels/winograd.ts'
import { literalConvolutionGradients } from './literal-gradients.ts'

beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 2 }) // the engine's memory is shared, and a helper works too
})

const geometries = fc
  .record({
    batch: fc.integer({ min: 1, max: 6 }),
    height: fc.integer({ min: 2, max: 9 }),
    width: fc.integer({ min: 2, max: 9 }),
    inputs: fc.constantFrom(32, 40),
    outputs: fc.constantFrom(32, 48),
    pads: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 2 }))),
  })
  .map((shape) => ({ ...shape, kernelHeight: 3, kernelWidth: 3, stride: 1 }))
  .filter(({ batch, height, width, pads: [top, bottom, left, right] }) => {
    const [outHeight, outWidth] = [
      height + (top as number) + (bottom as number) - 2,
      width + (left as number) + (right as number) - 2,
    ]
    const tiles = Math.ceil(outHeight / 4) * Math.ceil(outWidth / 4)
    return outHeight > 0 && outWidth > 0 && batch * tiles >= 6 && outHeight * outWidth >= 8 * tiles
  })

/** What the engine does, of which built packages have a copy of their own: only `suits` is asked here. */
const winograd = () => winogradOf(tf.backend() as unknown as WasmHeap, convolutionHelpers(1))

type Values = { readonly shape: readonly number[]; readonly data: Float32Array }
const on = ({ shape, data }: Values) => tf.tensor(data, [...shape])
const host = (value: tf.Tensor) => tensor(value.shape, Float32Array.from(value.dataSync()))
const EXACT = { relative: 1e-4, absolute: 1e-4 }

describe("Winograd's convolutions", () => {
  test('equal literal loops in both gradients, over random shapes and pads', () => {
    expect(winograd()).toBeDefined()
    fc.assert(
      fc.property(geometries, fc.integer({ min: 0, max: 1e6 }), (geometry, seed) => {
        const { batch, height, width, inputs, outputs, pads } = geometry
        const [top, bottom, left, right] = pads as [number, number, number, number]
        const x = randomTensor(`x${seed}`, [batch, height, width, inputs], -1, 1)
        const w = randomTensor(`w${seed}`, [3, 3, inputs, outputs], -0.3, 0.3)
        const out = [batch, height + top + bottom - 2, width + left + right - 2, outputs]
        const dy = randomTensor(`dy${seed}`, out, -1, 1)
        const pad: tf.backend_util.ExplicitPadding = [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ]
        const before = tf.memory().numTensors
        tf.tidy(() => {
          const shapes = [x.shape, w.shape] as [[number, number, number, number], [number, number, number, number]]
          expect(winograd()?.suits(tf.backend_util.computeConv2DInfo(...shapes, 1, 1, pad))).toBe(true)
          const convolve = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, pad)
          const [dx, dw] = tf.grads(convolve)([on(x), on(w)], on(dy)) as [tf.Tensor, tf.Tensor]
          const { byInput, byFilter } = literalConvolutionGradients(geometry, x, w, dy)
          ensureClose('by input', host(dx), byInput, EXACT)
          ensureClose('by filter', host(dw), byFilter, { relative: 1e-4, absolute: 3e-4 })
        })
        expect(tf.memory().numTensors).toBe(before)
      }),
      { numRuns: 5 },
    )
  })

  test('the same bits each time, whichever thread was faster', () => {
    const [x, w] = [randomTensor('x', [16, 8, 8, 64], -1, 1), randomTensor('w', [3, 3, 64, 64], -0.3, 0.3)]
    const once = () =>
      tf.tidy(() => {
        const convolve = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same')
        const { value, grads } = tf.valueAndGrads((a, b) =>
          tf.sum(tf.square(convolve(a as tf.Tensor, b as tf.Tensor))),
        )([on(x), on(w)])
        return [value, ...grads].map((result) => Buffer.from(host(result as tf.Tensor).data.buffer).toString('base64'))
      })
    const first = once()
    for (let i = 0; i < 8; i++) expect(once()).toEqual(first)
  })

  test.each([
    ['other taps', [1, 8, 8, 32], [1, 1, 32, 32], 1],
    ['a stride', [4, 16, 16, 32], [3, 3, 32, 32], 2],
    ['few channels', [4, 8, 8, 16], [3, 3, 16, 32], 1],
    ['channels that are no multiple of 8', [4, 8, 8, 36], [3, 3, 36, 32], 1],
    ['tiles that are mostly empty', [9, 2, 2, 32], [3, 3, 32, 32], 1],
    ['few tiles', [1, 8, 8, 32], [3, 3, 32, 32], 1],
  ] as const)('leave %s to the engine', (_, x, w, stride) => {
    const geometry = tf.backend_util.computeConv2DInfo([...x], [...w], stride, 1, 'same')
    expect(winograd()?.suits(geometry)).toBe(false)
  })
})
