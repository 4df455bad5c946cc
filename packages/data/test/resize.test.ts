import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { tensor, tensorOf } from '@tab/core'
import { ensureClose, ensureIdentical, randomTensor } from '@tab/core/testing'
import { centerCrop, resizeImage, resizeMask, type ResizeFilter, type Size } from '@tab/data'
import fc from 'fast-check'

interface Golden {
  readonly from: Size
  readonly to: Size
  readonly filter: ResizeFilter
  readonly image: number[]
  readonly resized: number[]
}
const golden = JSON.parse(readFileSync(new URL('golden/golden.json', import.meta.url), 'utf8')) as Golden[]

describe('resizeImage', () => {
  test.each(golden)('$filter from $from to $to equals Pillow', ({ from, to, filter, image, resized }) => {
    const wanted = Float32Array.from(resized, (value) =>
      filter === 'lanczos' ? Math.min(1, Math.max(0, value)) : value,
    )
    const got = resizeImage(tensor([...from, 1], Float32Array.from(image)), to, filter)
    ensureClose('resized', got, tensor([...to, 1], wanted), { absolute: 2e-6, relative: 0 })
  })

  test('keeps channels apart, the range, and a constant image', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
    fc.assert(
      fc.property(sizes, sizes, fc.constantFrom<ResizeFilter>('bilinear', 'lanczos'), (from, to, filter) => {
        const image = randomTensor('image', [...from, 3])
        const result = resizeImage(image, to, filter)
        expect(result.shape).toEqual([...to, 3])
        expect(result.data.every((value) => value >= 0 && value <= 1)).toBe(true)
        const red = resizeImage(
          tensor(
            [...from, 1],
            image.data.filter((_, index) => index % 3 === 0),
          ),
          to,
          filter,
        )
        ensureClose(
          'red',
          tensor(
            [...to, 1],
            result.data.filter((_, index) => index % 3 === 0),
          ),
          red,
        )
        const flat = resizeImage(tensor([...from, 1], new Float32Array(from[0] * from[1]).fill(0.25)), to, filter)
        flat.data.forEach((value) => expect(value).toBeCloseTo(0.25, 6))
      }),
    )
  })

  test('refuses a size that is none', () => {
    expect(() => resizeImage(randomTensor('image', [4, 4, 3]), [0, 4])).toThrow(
      'height must be a whole number >= 1, got 0',
    )
    expect(() => resizeImage(randomTensor('image', [4, 4]), [2, 2])).toThrow('image must be float32 [H,W,C], got [4,4]')
  })
})

describe('masks and crops', () => {
  test('a mask is resized by its nearest pixels', () => {
    const mask = tensorOf('uint8', [2, 2], Uint8Array.of(1, 0, 0, 1))
    expect([...resizeMask(mask, [4, 2]).data]).toEqual([1, 0, 1, 0, 0, 1, 0, 1])
    expect([...resizeMask(resizeMask(mask, [6, 6]), [2, 2]).data]).toEqual([1, 0, 0, 1])
  })

  test('the middle is kept, for images and masks', () => {
    const image = tensor(
      [3, 4, 1],
      Float32Array.from({ length: 12 }, (_, index) => index / 16),
    )
    expect(centerCrop(image, [1, 2])).toEqual(tensor([1, 2, 1], Float32Array.of(5 / 16, 6 / 16)))
    const mask = tensorOf('uint8', [3, 3], Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0))
    ensureIdentical('mask', centerCrop(mask, [1, 1]), tensorOf('uint8', [1, 1], Uint8Array.of(1)))
    // torchvision's int(round(margin / 2)), half to even: margins of 1, 3, 5, 7 begin with 0, 2, 2, 4.
    const line = tensor(
      [1, 8, 1],
      Float32Array.from({ length: 8 }, (_, index) => index / 8),
    )
    expect([7, 5, 3, 1].map((width) => 8 * (centerCrop(line, [1, width]).data[0] as number))).toEqual([0, 2, 2, 4])
    expect(() => centerCrop(image, [4, 2])).toThrow('height must be a whole number >= 1 and <= 3, got 4')
  })
})
