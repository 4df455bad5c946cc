import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { randomTensor } from '@tab/core/testing'
import { classAlignment, preservation, separation, similarityScale, stateAlignment } from '@tab/model/training'

let before = 0
beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 1 })
  before = tf.memory().numTensors
})
afterAll(() => expect(tf.memory().numTensors).toBe(before))

const on = <T extends tf.Tensor>(seed: string, shape: readonly number[], low = -1, high = 1): T =>
  tf.tensor(randomTensor(seed, shape, low, high).data, [...shape]) as T

const scale = (): tf.Scalar => tf.scalar(3)

describe('losses by hand', () => {
  test('orthogonal prototypes met exactly give log(1 + (K - 1) e^-s)', () => {
    tf.tidy(() => {
      const eye = tf.eye(4) as tf.Tensor2D
      const [normal, abnormal] = [tf.slice(eye, [0, 0], [2, 4]), tf.slice(eye, [2, 0], [2, 4])]
      const paper = classAlignment(normal, abnormal, normal, abnormal, [0, 1], scale()).dataSync()[0]
      expect(paper).toBeCloseTo(2 * Math.log(1 + Math.exp(-3)), 5)
      const states = stateAlignment(normal, abnormal, normal, abnormal, [0, 1], scale()).dataSync()[0]
      expect(states).toBeCloseTo(Math.log(1 + 3 * Math.exp(-3)), 5)
    })
  })

  test('class alignment is constant for one class, state alignment is not', () => {
    tf.tidy(() => {
      const [a, b, n, t] = ['a', 'b', 'n', 't'].map((seed) => on<tf.Tensor2D>(seed, [1, 4])) as [
        tf.Tensor2D,
        tf.Tensor2D,
        tf.Tensor2D,
        tf.Tensor2D,
      ]
      expect(classAlignment(a, b, n, t, [0], scale()).dataSync()[0]).toBeCloseTo(0, 6)
      expect(stateAlignment(a, b, n, t, [0], scale()).dataSync()[0]).toBeGreaterThan(0.01)
    })
  })

  test('the scale is bounded by 100, as in CLIP', () => {
    tf.tidy(() => {
      expect(similarityScale(tf.scalar(Math.log(20))).dataSync()[0]).toBeCloseTo(20, 4)
      expect(similarityScale(tf.scalar(9)).dataSync()[0]).toBeCloseTo(100, 3)
    })
  })

  test('unchanged features cost nothing, and what lies under the mask is free', () => {
    tf.tidy(() => {
      const reference = on<tf.Tensor4D>('reference', [1, 2, 2, 3])
      const cover = tf.tensor3d([0, 0, 0, 1], [1, 2, 2])
      expect(preservation([reference], [reference], [cover]).dataSync()[0]).toBe(0)
      const under = tf.mul(reference, tf.tensor4d([1, 1, 1, 7], [1, 2, 2, 1])) as tf.Tensor4D
      expect(preservation([under], [reference], [cover]).dataSync()[0]).toBe(0)
      const doubled = tf.mul(reference, 2) as tf.Tensor4D
      expect(preservation([doubled], [reference], [cover]).dataSync()[0]).toBeCloseTo(1, 5)
    })
  })

  test('separation by hand: q = 1, v = 3 on a 1 x 2 grid', () => {
    tf.tidy(() => {
      const normal = tf.tensor4d([0, 10, 1, 10], [2, 1, 2, 1]) // bank 0 and 10; the other image is 1 and 0 away
      const abnormal = tf.tensor4d([0, 13, 0, 10], [2, 1, 2, 1])
      const loss = separation(normal, abnormal, { data: Float32Array.of(0, 0.5, 0, 0) }, [{ first: 0, count: 2 }])
      expect(loss.dataSync()[0]).toBeCloseTo(Math.log(1 + Math.exp(4 * (1.5 - 3))), 4)
      const alone = separation(normal, abnormal, { data: new Float32Array(4) }, [{ first: 0, count: 1 }])
      expect(alone.dataSync()[0]).toBe(0)
      const unmasked = separation(normal, abnormal, { data: new Float32Array(4) }, [{ first: 0, count: 2 }])
      expect(unmasked.dataSync()[0]).toBe(0)
    })
  })
})
