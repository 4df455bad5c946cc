import { describe, expect, test } from '@jest/globals'
import { tensor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import { grayscale, overlayHeatmap, renderHeatmap, toRgba, turbo } from '@tab/data'
import fc from 'fast-check'

const map = (height: number, width: number, ...values: number[]) => tensor([height, width], Float32Array.from(values))
const gray = (height: number, width: number, level: number) =>
  tensor([height, width, 3], new Float32Array(height * width * 3).fill(level))

describe('colour maps', () => {
  // interpolateTurbo of d3-scale-chromatic 3.1
  test.each([
    [0, [35, 23, 27]],
    [0.1, [74, 88, 221]],
    [0.2, [47, 157, 245]],
    [0.25, [38, 188, 225]],
    [0.5, [149, 251, 81]],
    [0.75, [255, 130, 29]],
    [0.9, [186, 34, 8]],
    [1, [144, 12, 0]],
    [-3, [35, 23, 27]],
    [7, [144, 12, 0]],
  ])('turbo(%f) is the color of d3', (value, color) => expect(turbo(value)).toEqual(color))

  test('grayscale runs from black to white', () => {
    expect([-1, 0, 0.4, 1, 2].map((value) => grayscale(value)[0])).toEqual([0, 0, 102, 255, 255])
  })
})

describe('renderHeatmap', () => {
  test('spreads the colours over the range and clips what lies outside', () => {
    const { shape, data } = renderHeatmap(map(1, 5, -9, 10, 15, 20, 99), { range: [10, 20], colormap: grayscale })
    expect(shape).toEqual([1, 5, 4])
    const half = [128, 128, 128, 255] // 127.5 rounded, by the nearest of 256 colours
    const [black, white] = [
      [0, 0, 0, 255],
      [255, 255, 255, 255],
    ]
    expect([...data]).toEqual([black, black, half, white, white].flat())
  })

  test('a threshold alone has the middle colour, from 0 to twice as much', () => {
    const { data } = renderHeatmap(map(1, 3, 0, 3, 6), { threshold: 3, colormap: grayscale })
    expect([data[0], data[4], data[8]]).toEqual([0, 128, 255])
  })

  test('transparent: clear at the low end, opaque from two fifths of the range on', () => {
    const { data } = renderHeatmap(map(1, 5, 0, 0.1, 0.2, 0.4, 1), { range: [0, 1], transparent: true })
    expect([data[3], data[7], data[11], data[15], data[19]]).toEqual([0, 64, 128, 255, 255])
  })

  test('transparent, with a threshold: clear up to half of it, opaque from it on', () => {
    const alphas = (options: { threshold: number; range?: readonly [number, number] }, ...values: number[]) =>
      [...renderHeatmap(map(1, values.length, ...values), { ...options, transparent: true }).data].filter(
        (_, index) => index % 4 === 3,
      )
    expect(alphas({ threshold: 4 }, 0, 2, 3, 4, 8)).toEqual([0, 0, 128, 255, 255])
    expect(alphas({ threshold: 0, range: [-4, 4] }, -4, -2, -1, 0, 4)).toEqual([0, 0, 128, 255, 255])
    expect(alphas({ threshold: -9, range: [0, 10] }, 0, 2, 4, 9)).toEqual([0, 128, 255, 255]) // below all: as without
  })

  test('resizes values, not colours, at any range', () => {
    // Pixel centres of 4 among 2: 1/4 before the first, 1/4, 3/4, and 1/4 past the last.
    const { shape, data } = renderHeatmap(map(1, 2, -100, 100), {
      range: [-100, 100],
      colormap: grayscale,
      size: [2, 4],
    })
    expect(shape).toEqual([2, 4, 4])
    const levels = Array.from({ length: 8 }, (_, pixel) => data[pixel * 4])
    expect(levels).toEqual([0, 64, 191, 255, 0, 64, 191, 255])
  })

  test('a constant map stays constant at every size', () => {
    const size = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(
        size,
        size,
        size,
        size,
        fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
        (h, w, height, width, value) => {
          const options = { range: [value - 1, value + 1], size: [height, width], colormap: grayscale } as const
          const { data, shape } = renderHeatmap(map(h, w, ...new Array<number>(h * w).fill(value)), options)
          expect(shape).toEqual([height, width, 4])
          const levels = new Set(data.filter((_, index) => index % 4 === 0))
          expect([[127], [128]]).toContainEqual([...levels]) // the middle of 255 levels lies between two
        },
      ),
    )
  })
})

describe('overlayHeatmap', () => {
  test('blends by opacity, and leaves low values clear', () => {
    const overlay = overlayHeatmap(gray(1, 3, 0.5), map(1, 3, 0, 0.2, 1), {
      range: [0, 1],
      opacity: 0.5,
      colormap: grayscale,
    })
    expect(overlay.shape).toEqual([1, 3, 3])
    const [clear, slight, strong] = [0, 3, 6].map((at) => overlay.data[at] as number)
    expect(clear).toBe(0.5)
    expect(slight).toBeCloseTo(0.75 * 0.5 + 0.25 * 0.2, 6) // half of the opacity at a fifth of the range
    expect(strong).toBeCloseTo(0.5 * 0.5 + 0.5 * 1, 6)
  })

  test('the outline surrounds regions above the threshold, outside them', () => {
    const values = map(4, 5, ...[0, 0, 0, 0, 0], ...[0, 9, 9, 5, 0], ...[0, 0, 0, 0, 0], ...[0, 0, 0, 0, 9])
    const options = { threshold: 5, opacity: 0, outline: true, outlineColor: [0, 0, 255] } as const
    const { data } = overlayHeatmap(gray(4, 5, 0.5), values, options)
    const blue = Array.from({ length: 20 }, (_, pixel) => {
      const [red, green, blue] = data.subarray(pixel * 3, pixel * 3 + 3)
      return red === 0 && green === 0 && blue === 1 ? '#' : '.'
    })
    // A value that equals the threshold is not above it; at the border of the map the line is open.
    const drawn = [0, 5, 10, 15].map((at) => blue.slice(at, at + 5).join(''))
    expect(drawn).toEqual(['.##..', '#..#.', '.##.#', '...#.'])
  })

  test('the map is resized to the image, and both to the size asked for', () => {
    const values = map(1, 1, 1)
    expect(overlayHeatmap(gray(3, 2, 0), values, { range: [0, 1] }).shape).toEqual([3, 2, 3])
    const large = overlayHeatmap(gray(3, 2, 0), values, {
      range: [0, 1],
      opacity: 1,
      size: [7, 5],
      colormap: grayscale,
    })
    expect(large.shape).toEqual([7, 5, 3])
    expect(large.data.every((value) => value === 1)).toBe(true)
  })

  test('stays in [0,1] for any map, and changes no input', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e30, max: 1e30 }), { minLength: 6, maxLength: 6 }),
        (values) => {
          const image = randomTensor('image', [4, 6, 3])
          const [pixels, heat] = [image.data.slice(), map(2, 3, ...values)]
          const { data } = overlayHeatmap(image, heat, { threshold: 0.5, outline: true, opacity: 1 })
          expect(data.every((value) => value >= 0 && value <= 1)).toBe(true)
          expect(image.data).toEqual(pixels)
          expect([...heat.data]).toEqual([...Float32Array.from(values)])
        },
      ),
    )
  })
})

test('toRgba gives opaque 8-bit pixels', () => {
  const image = tensor([1, 2, 3], Float32Array.of(0, 0.2, 1, 1, 1, 0.4))
  expect([...toRgba(image)]).toEqual([0, 51, 255, 255, 255, 255, 102, 255])
})

describe('refusals', () => {
  const heat = map(1, 2, 0, 1)
  test.each([
    ['neither range nor threshold', {}, 'INVALID_ARGUMENT', 'range or threshold, got neither'],
    ['an empty range', { range: [1, 1] }, 'INVALID_ARGUMENT', 'range[1] must be a finite number > 1'],
    ['a range with NaN', { range: [NaN, 1] }, 'INVALID_ARGUMENT', 'range[0] must be a finite number'],
    ['a threshold of 0 alone', { threshold: 0 }, 'INVALID_ARGUMENT', 'threshold without a range must be'],
    ['an impossible size', { threshold: 1, size: [0, 3] }, 'INVALID_ARGUMENT', 'height must be a whole number >= 1'],
  ])('%s', (_, options, code, message) => {
    expect(() => renderHeatmap(heat, options as never)).toThrow(expect.objectContaining({ code }))
    expect(() => renderHeatmap(heat, options as never)).toThrow(message)
    expect(() => overlayHeatmap(gray(1, 2, 0), heat, options as never)).toThrow(message)
  })

  test.each([NaN, Infinity, -Infinity])('a map with %p, in Node as in a browser', (value) => {
    const refusal = expect.objectContaining({ code: 'NUMERICAL' })
    expect(() => renderHeatmap(map(1, 2, 0, value), { threshold: 1 })).toThrow(refusal)
    expect(() => overlayHeatmap(gray(1, 2, 0), map(1, 2, value, 0), { threshold: 1 })).toThrow(refusal)
  })

  test('a map of another shape, an opacity out of range, an outline without a threshold, pixels in 0..255', () => {
    const options = { range: [0, 1] } as const
    expect(() => renderHeatmap(tensor([1, 1, 2], new Float32Array(2)), options)).toThrow('map must be float32 [H,W]')
    expect(() => overlayHeatmap(gray(1, 2, 0), heat, { ...options, opacity: 1.5 })).toThrow('opacity must be')
    expect(() => overlayHeatmap(gray(1, 2, 0), heat, { ...options, outline: true })).toThrow(
      'a threshold for the outline',
    )
    expect(() => overlayHeatmap(gray(1, 2, 0), heat, { ...options, outlineColor: [0, 0, 256] })).toThrow('outlineColor')
    expect(() => overlayHeatmap(gray(1, 2, 200), heat, options)).toThrow('divide pixels in 0..255 by 255')
    expect(() => toRgba(gray(1, 2, 200))).toThrow('divide pixels in 0..255 by 255')
  })
})
