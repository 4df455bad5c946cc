import { describe, expect, test } from '@jest/globals'
import { loadOrt } from '@tab/backend-onnx/node'
import {
  add,
  batchNorm,
  constantConvolution,
  convolution,
  createTape,
  gradientSession,
  maxPool,
  multiply,
  relu,
  reshape,
  subtract,
  transpose,
  type GraphValue,
  type Tape,
} from '@tab/backend-onnx/training'
import { sizeOf } from '@tab/core'
import { randomTensor } from '@tab/core/testing'

type Shapes = Readonly<Record<string, readonly number[]>>
type Build = (tape: Tape, inputs: Readonly<Record<string, GraphValue>>) => GraphValue

/** Opens what a function of some parameters computes, at random values of theirs. */
async function opened(shapes: Shapes, build: Build) {
  const tape = createTape()
  const parameters = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, tape.parameter(name, shape)]),
  )
  const session = await gradientSession(await loadOrt(), tape.differentiate({ y: build(tape, parameters) }))
  const values = new Map(
    Object.entries(shapes).map(([name, shape]) => [name, randomTensor(`value of ${name}`, shape, -1, 1).data]),
  )
  const y = async (): Promise<Float32Array> => (await session.run(values)).outputs.get('y')?.data as Float32Array
  return { session, values, y }
}

/** Compares with differences at every value, in the direction of a random gradient. */
async function expectGradients(shapes: Shapes, build: Build, step = 1e-2): Promise<void> {
  const { session, values, y } = await opened(shapes, build)
  const pass = await session.run(values)
  const seed = randomTensor('seed', [pass.outputs.get('y')?.data.length as number], -1, 1).data
  const gradients = await pass.backward(new Map([['y', seed]]))
  const along = async (): Promise<number> => (await y()).reduce((sum, value, i) => sum + value * (seed[i] as number), 0)
  for (const [name, shape] of Object.entries(shapes)) {
    const [at, { data, shape: own }] = [values.get(name) as Float32Array, gradients.get(name) as never] as [
      Float32Array,
      { data: Float32Array; shape: readonly number[] },
    ]
    expect([name, own]).toEqual([name, shape])
    const every = Math.max(1, Math.floor(sizeOf(shape) / 40)) // some of the large ones
    for (let i = 0; i < at.length; i += every) {
      const value = at[i] as number
      at[i] = value + step
      const above = await along()
      at[i] = value - step
      const below = await along()
      at[i] = value
      expect([name, i, data[i]]).toEqual([name, i, expect.closeTo((above - below) / (2 * step), 2)])
    }
  }
  session.dispose()
}

const CONVOLUTIONS = [
  [1, 1, 0],
  [1, 2, 0],
  [3, 1, 1],
  [3, 2, 1],
  [3, 1, 0],
  [7, 2, 3],
] as const

describe('gradients are the differences of what is computed', () => {
  test.each(CONVOLUTIONS)('convolution %sx, stride %s, padding %s', (kernel, stride, padding) =>
    expectGradients({ x: [2, 7, 8, 2], filter: [kernel, kernel, 2, 3], bias: [3] }, (tape, { x, filter, bias }) =>
      convolution(tape, x as GraphValue, filter as GraphValue, bias, { stride, padding }),
    ),
  )

  test('BatchNorm in training', () =>
    expectGradients(
      { x: [2, 3, 2, 4], gamma: [2], beta: [2] },
      (tape, { x, gamma, beta }) =>
        batchNorm(tape, x as GraphValue, gamma as GraphValue, beta as GraphValue, 1e-5).output,
    ))

  test('max-pooling with windows that overlap', () =>
    expectGradients(
      { x: [2, 2, 7, 7] },
      (tape, { x }) => maxPool(tape, x as GraphValue, { kernel: 3, stride: 2, padding: 1 }),
      1e-4, // the largest of a window stays it
    ))

  test('sums, differences and products of repeated values, in another order', () =>
    expectGradients({ x: [2, 3, 4], row: [4], column: [3, 1] }, (tape, { x, row, column }) => {
      const product = multiply(tape, x as GraphValue, row as GraphValue)
      const difference = subtract(tape, column as GraphValue, product)
      return reshape(tape, transpose(tape, add(tape, difference, row as GraphValue), [2, 0, 1]), [8, 3])
    }))

  test('a value that is used twice takes the sum of both', () =>
    expectGradients({ x: [2, 3] }, (tape, { x }) => multiply(tape, relu(tape, x as GraphValue), x as GraphValue)))
})

test.each(CONVOLUTIONS)(
  'a convolution %sx, stride %s, padding %s is the operation of ONNX',
  async (kernel, stride, padding) => {
    const shapes = { x: [2, 7, 8, 3], filter: [kernel, kernel, 2, 4], bias: [4] }
    const { session, y } = await opened(shapes, (tape, { x, filter, bias }) => {
      const { graph } = tape
      const imagesFirst = transpose(tape, x as GraphValue, [3, 0, 1, 2])
      const weight = transpose(tape, filter as GraphValue, [3, 2, 0, 1])
      const geometry = { stride, padding }
      const wanted = constantConvolution(graph, imagesFirst, weight, bias as GraphValue, geometry)
      const ours = convolution(tape, x as GraphValue, filter as GraphValue, bias, geometry)
      return subtract(tape, transpose(tape, ours, [3, 0, 1, 2]), wanted)
    })
    expect(Math.max(...(await y()).map(Math.abs))).toBeLessThan(1e-5)
    session.dispose()
  },
)

test('a parameter that no output depends on is refused by name', () => {
  const tape = createTape()
  tape.parameter('idle', [2])
  const y = relu(tape, tape.parameter('x', [2]))
  expect(() => tape.differentiate({ y })).toThrow(
    'differentiate: parameters that an output depends on, got "idle", which none does',
  )
})
