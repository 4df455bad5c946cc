import * as tf from '@tensorflow/tfjs'

interface Check {
  readonly name: string
  compute(): tf.Tensor
  readonly expected: readonly number[]
}

const counted = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const image = () => tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1])
const filter = () => tf.tensor4d([1, 0, 0, -1], [2, 2, 1, 1])
const convolve = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'valid')

/**
 * What training and detectors ask of an engine, at sizes beyond those that engines are tested with: many inputs, long sums, deep products.
 * The expected values are worked by hand.
 */
const CHECKS: readonly Check[] = [
  { name: 'a convolution', compute: () => convolve(image(), filter()), expected: [-4, -4, -4, -4] },
  {
    name: 'its gradient by the image',
    compute: () => tf.grads(convolve)([image(), filter()])[0] as tf.Tensor,
    expected: [1, 1, 0, 1, 0, -1, 0, -1, -1],
  },
  {
    name: 'its gradient by the filter',
    compute: () => tf.grads(convolve)([image(), filter()])[1] as tf.Tensor,
    expected: [12, 16, 24, 28],
  },
  {
    name: 'a strided, padded convolution of 64 channels with bias',
    compute: () =>
      tf.fused.conv2d<tf.Tensor4D>({
        x: tf.ones<tf.Rank.R4>([1, 4, 4, 64]),
        filter: tf.ones<tf.Rank.R4>([3, 3, 64, 2]),
        bias: tf.tensor1d([1, -1]),
        strides: 2,
        pad: [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ],
      }),
    expected: [257, 255, 385, 383, 385, 383, 577, 575],
  },
  {
    name: 'the gradient of a maximum among negative values',
    compute: () =>
      tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'))(tf.tensor4d([-4, -3, -1, -2], [1, 2, 2, 1])),
    expected: [0, 0, 1, 0],
  },
  {
    name: 'a sum of 80 tensors',
    compute: () => tf.addN(counted(80).map((i) => tf.tensor1d([i, 1, -i]))),
    expected: [3160, 80, -3160],
  },
  {
    name: 'the gradient of a sum of 80 tensors',
    compute: () => tf.grad((x) => tf.addN(counted(80).map((i) => tf.mul(x, i))))(tf.tensor1d([1, 2])),
    expected: [3160, 3160],
  },
  {
    name: '40 tensors joined',
    compute: () => tf.concat(counted(40).map((i) => tf.tensor1d([i, -i]))),
    expected: counted(40).flatMap((i) => [i, -i]),
  },
  {
    name: 'a sum over 70,000 positions',
    compute: () => tf.sum(tf.reshape(tf.tile(tf.tensor1d([1, 2]), [70_000]), [70_000, 2]), 0),
    expected: [70_000, 140_000],
  },
  {
    name: 'a product with 3,000 terms',
    compute: () => tf.matMul(tf.ones([2, 3000]), tf.reshape(tf.tile(tf.tensor1d([1, 0, 2]), [3000]), [3000, 3])),
    expected: [3000, 0, 6000, 3000, 0, 6000],
  },
  {
    name: 'the largest of 3,000 values',
    compute: () => tf.topk(tf.tensor2d([...counted(3000), ...counted(3000).reverse()], [2, 3000]), 3000, true).values,
    expected: [...counted(3000).reverse(), ...counted(3000).reverse()],
  },
  {
    name: 'the place of the largest of 3,000 values',
    compute: () =>
      tf.cast(tf.argMax(tf.tensor2d([...counted(3000), ...counted(3000).reverse()], [2, 3000]), 1), 'float32'),
    expected: [2999, 0],
  },
  {
    name: 'the gradient of gathered rows',
    compute: () =>
      tf.grad((x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32')))(
        tf.zeros([3, 2]),
        tf.tensor2d([1, 2, 10, 20, 100, 200], [3, 2]),
      ),
    expected: [10, 20, 0, 0, 101, 202],
  },
]

/**
 * Compares what the current engine computes with {@link CHECKS}: an engine that starts may still lack a kernel or compute wrongly.
 * @throws Error saying what came out
 */
export async function checkEngine(): Promise<void> {
  for (const { name, compute, expected } of CHECKS) {
    const result = tf.tidy(compute)
    try {
      const values = await result.data()
      const wrong = expected.findIndex((value, i) => !(Math.abs((values[i] as number) - value) < 1e-3))
      if (wrong >= 0) throw new Error(`${name} gave ${values[wrong]} instead of ${expected[wrong]}`)
    } finally {
      result.dispose()
    }
  }
}
