import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { convolutionHelpers } from '../src/node/convolution-helpers.ts'
import type { WasmHeap } from '../src/wasm-kernels/heap.ts'
import { winogradOf } from '../src/wasm-kernels/winograd.ts'

interface Told {
  readonly norm: number
  readonly some: readonly number[]
}
interface Case {
  readonly shape: readonly [number, number, number, number, number]
  readonly byInput: Told
  readonly byFilter: Told
}
const { stride, cases } = JSON.parse(readFileSync(new URL('./golden/convolution.json', import.meta.url), 'utf8')) as {
  readonly stride: number
  readonly cases: readonly Case[]
}

beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 2 })
})

/** The inputs of golden/make_convolution.py. */
function numbers(shape: readonly number[], salt: number): tf.Tensor4D {
  const count = shape.reduce((product, size) => product * size, 1)
  const values = Float32Array.from({ length: count }, (_, index) => {
    const first = (Math.imul(index, 2654435761) ^ (salt * 40503)) >>> 0
    return (Math.imul(first ^ (first >>> 15), 2246822519) >>> 0) / 2 ** 32 - 0.5
  })
  return tf.tensor4d(values, shape as [number, number, number, number])
}

/** The largest difference over the root of the mean square: how far a number is off, for a number of usual size. */
function furthest(gradient: tf.Tensor, { norm, some }: Told): number {
  const data = gradient.dataSync()
  const usual = norm / Math.sqrt(data.length)
  expect(Math.abs(Math.hypot(...data) / norm - 1)).toBeLessThan(1e-6)
  return Math.max(...some.map((value, index) => Math.abs(value - (data[index * stride] as number)))) / usual
}

// Of sums of up to 1,152 products, whose inputs are transformed by numbers up to 8, single precision holds 1.2e-5 of a usual one (measured); the
// engine's own convolutions hold 1e-6.
test.each(cases)("$shape: Winograd's gradients are those of torch to 2e-5", ({ shape, byInput, byFilter }) => {
  const [images, height, width, inputs, outputs] = shape
  tf.tidy(() => {
    const [x, w] = [numbers([images, height, width, inputs], 1), numbers([3, 3, inputs, outputs], 2)]
    const winograd = winogradOf(tf.backend() as unknown as WasmHeap, convolutionHelpers(1))
    expect(winograd?.suits(tf.backend_util.computeConv2DInfo(x.shape, w.shape, 1, 1, 'same'))).toBe(true)
    const convolve = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same')
    const [dx, dw] = tf.grads(convolve)([x, w], numbers([images, height, width, outputs], 3)) as [tf.Tensor, tf.Tensor]
    expect(furthest(dx, byInput)).toBeLessThan(2e-5)
    expect(furthest(dw, byFilter)).toBeLessThan(2e-5)
  })
})
