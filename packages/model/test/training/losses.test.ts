import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { sizeOf } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import {
  classAlignment,
  imageHead,
  jointFeatures,
  nearestDistances,
  patchAlignment,
  patchHead,
  preservation,
  separation,
  similarityScale,
  stateAlignment,
} from '@tab/model/training'
import { imageHeadWeights } from '../../src/training/heads/image-head.ts'
import { patchHeadWeights } from '../../src/training/heads/patch-head.ts'

let before = 0
beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 1 })
  before = tf.memory().numTensors
})
afterAll(() => expect(tf.memory().numTensors).toBe(before))

const on = <T extends tf.Tensor>(seed: string, shape: readonly number[], low = -1, high = 1): T =>
  tf.tensor(randomTensor(seed, shape, low, high).data, [...shape]) as T

/** Compares the gradient of f along random directions with central differences. */
function checkGradient(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  shapes: readonly (readonly number[])[],
  step = 1e-2,
): void {
  tf.tidy(() => {
    const inputs = shapes.map((shape, index) => on(`input${index}`, shape, 0.1, 1))
    const gradients = tf.grads(f as never)(inputs)
    for (const [index, shape] of shapes.entries()) {
      const direction = on<tf.Tensor>(`direction${index}`, shape)
      const at = (sign: number): number => {
        const moved = inputs.map((input, i) => (i === index ? tf.add(input, tf.mul(direction, sign * step)) : input))
        return f(...moved).dataSync()[0] as number
      }
      const numeric = (at(1) - at(-1)) / (2 * step)
      const analytic = tf.sum(tf.mul(gradients[index] as tf.Tensor, direction)).dataSync()[0] as number
      const size = Math.sqrt(sizeOf(shape))
      expect(Math.abs(numeric - analytic)).toBeLessThan(1e-3 * Math.max(0.3, Math.abs(analytic), 0.01 * size))
    }
  })
}

const scale = (): tf.Scalar => tf.scalar(3)

describe('gradients equal central differences', () => {
  test('class alignment and state alignment', () => {
    const shapes = [
      [4, 5],
      [4, 5],
      [3, 5],
      [3, 5],
    ]
    const classes = [0, 2, 1, 1]
    checkGradient((...x) => classAlignment(...(x as [never, never, never, never]), classes, scale()), shapes)
    checkGradient((...x) => stateAlignment(...(x as [never, never, never, never]), classes, scale()), shapes)
  })

  test('patch alignment', () => {
    checkGradient(
      (patches, normal, abnormal) =>
        patchAlignment(patches as never, on('cover', [2, 3, 3], 0, 1), normal as never, abnormal as never, scale()),
      [
        [2, 3, 3, 4],
        [2, 4],
        [2, 4],
      ],
    )
  })

  test('heads', () => {
    const image = imageHeadWeights(1, 'image', 6, 5)
    const weights = new Map([...image].map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]))
    const probe = on<tf.Tensor>('probe', [3, 5])
    checkGradient((pooled) => tf.sum(tf.mul(imageHead(pooled as never, weights, 'image'), probe)), [[3, 6]], 1e-3)
    const patch = patchHeadWeights(1, 'layer2', 6, 5)
    const linear = new Map([...patch].map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]))
    const each = on<tf.Tensor>('each', [1, 2, 2, 5])
    checkGradient((x) => tf.sum(tf.mul(patchHead(x as never, linear, 'layer2'), each)), [[1, 2, 2, 6]])
    tf.dispose([...weights.values(), ...linear.values(), probe, each])
  })

  test('preservation, joint features, nearest distances', () => {
    const reference = on<tf.Tensor4D>('reference', [2, 3, 3, 4])
    const cover = on<tf.Tensor3D>('cover', [2, 3, 3], -0.01, 0.02)
    checkGradient((x) => preservation([x as never], [reference], [cover]), [[2, 3, 3, 4]])
    const probe = on<tf.Tensor>('joint', [1, 4, 4, 5])
    checkGradient(
      (fine, coarse) => tf.sum(tf.mul(jointFeatures([fine as never, coarse as never]), probe)),
      [
        [1, 4, 4, 2],
        [1, 2, 2, 3],
      ],
    )
    const weights = on<tf.Tensor>('weights', [6])
    checkGradient(
      (q, b) => tf.sum(tf.mul(nearestDistances(q as never, b as never), weights)),
      [
        [6, 4],
        [3, 4],
      ],
      1e-3,
    )
    tf.dispose([reference, cover, probe, weights])
  })

  test('separation, where no other patch is about to become the nearest', () => {
    const cover = { data: randomTensor('cover', [4]).data }
    const all = { normalShare: 1, defectShare: 1 }
    const runs = [{ first: 0, count: 2 }]
    checkGradient(
      (normal, abnormal) => separation(normal as never, abnormal as never, cover, runs, all),
      [
        [2, 1, 2, 3],
        [2, 1, 2, 3],
      ],
      1e-3,
    )
  })
})

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
    })
  })
})
