import { describe, expect, test } from '@jest/globals'
import { assertImage, assertImages, assertPixels, assertTensor, tensor, tensorOf, type Tensor } from '@tab/core'

const image = (...values: readonly number[]): Tensor => tensor([1, values.length / 3, 3], Float32Array.from(values))
const batch = (...values: readonly number[]): Tensor => tensor([values.length / 3, 1, 1, 3], Float32Array.from(values))

describe('images', () => {
  test('from black to white, both included, pass', () => {
    expect(() => assertImage('f', image(0, 0.5, 1))).not.toThrow()
    expect(() => assertImages('f', batch(0, 1, -0))).not.toThrow()
    expect(() => assertImages('f', tensor([0, 4, 4, 3], new Float32Array(0)))).not.toThrow()
    expect(() => assertPixels('f', Float32Array.of(0, 1))).not.toThrow()
  })

  test.each([
    [255, 'INVALID_ARGUMENT', 'got 255 at element 1 of image 1; divide pixels in 0..255 by 255'],
    [1 + 2 ** -23, 'INVALID_ARGUMENT', 'got 1.0000001192092896 at element 1 of image 1'],
    [-1e-30, 'INVALID_ARGUMENT', 'at element 1 of image 1'],
    [NaN, 'NUMERICAL', 'got NaN at element 1 of image 1'],
    [Infinity, 'NUMERICAL', 'got Infinity at element 1 of image 1'],
  ])('a value of %d is refused, by its place', (value, code, message) => {
    const refused = { code, message: expect.stringContaining(message) }
    expect(() => assertImages('f', batch(0, 0, 0, 1, value, 0))).toThrow(expect.objectContaining(refused))
    expect(() => assertImage('f', image(0, 0, 0, 1, value, 0))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(`got ${Math.fround(value)} at element 4`) }),
    )
    expect(() => assertPixels('f', Float32Array.of(0, value))).toThrow(`f: image values must be in [0,1]`)
  })

  test('another shape or type is refused', () => {
    expect(() => assertImage('f', batch(0, 0, 0))).toThrow('image must be float32 [H,W,3], got [1,1,1,3]')
    expect(() => assertImages('f', image(0, 0, 0))).toThrow('images must be float32 [N,H,W,3], got [1,1,3]')
    expect(() => assertImage('f', tensorOf('uint8', [1, 1, 3], Uint8Array.of(0, 128, 255)))).toThrow('got uint8')
  })
})

describe('a tensor', () => {
  const data = Float32Array.of(1, 2)

  test.each<[string, unknown, unknown]>([
    ['a plain array', [2], [1, 2]],
    ['null in a plain array', [2], [1, null]],
    ['data of another type', [2], new Float64Array(2)],
    ['bytes', [2], new Uint8Array(2)],
    ['no data', [2], undefined],
    ['null', [2], null],
    ['text', [2], '12'],
    ['no shape', undefined, data],
    ['a shape of text', ['2'], data],
    ['a shape with null', [null, 2], new Float32Array(0)],
    ['a shape with half a row', [0.5, 4], data],
    ['a negative shape', [-1, -2], data],
    ['a shape with NaN', [NaN], data],
  ])('refuses %s, made or handed over', (_, shape, values) => {
    const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT' })
    expect(() => tensor(shape as number[], values as Float32Array)).toThrow(refused)
    const made = { dtype: 'float32', shape, data: values } as Tensor
    const free = Array.isArray(shape) ? shape.map((_, axis) => `d${axis}`) : ['d']
    expect(() => assertTensor('f', 'x', made, free)).toThrow(refused)
  })

  test('refuses an unknown element type', () => {
    expect(() => tensorOf('float16' as 'float32', [2], data)).toThrow('dtype among float32, float64, int32, uint8')
  })
})
