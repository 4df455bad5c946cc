import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { anomalyMaps, patchFeatures } from '@tab/adapters'
import { tensor } from '@tab/core'
import { ensureClose, randomTensor } from '@tab/core/testing'

interface Golden {
  gaussian: { shape: [number, number]; sigma: number; image: number[]; smooth: number[] }[]
  maps: { grid: [number, number]; size: [number, number]; sigma: number; scores: number[]; map: number[] }[]
}
const golden = JSON.parse(readFileSync(new URL('golden/golden.json', import.meta.url), 'utf8')) as Golden

describe('anomalyMaps', () => {
  test.each(golden.gaussian)('smooths as scipy does: $shape, sigma $sigma', ({ shape, sigma, image, smooth }) => {
    const [height, width] = shape
    const maps = anomalyMaps(tensor([1, height, width], Float32Array.from(image)), shape, sigma)
    ensureClose('map', maps, tensor([1, height, width], Float32Array.from(smooth)), { absolute: 1e-6, relative: 1e-6 })
  })

  test.each(golden.maps)('resizes and smooths as scipy does: $grid to $size', ({ grid, size, sigma, scores, map }) => {
    const maps = anomalyMaps(tensor([1, ...grid], Float32Array.from(scores)), size, sigma)
    ensureClose('map', maps, tensor([1, ...size], Float32Array.from(map)), { absolute: 1e-6, relative: 1e-6 })
  })

  test('smooths by another width down than across, as one after the other', () => {
    const scores = randomTensor('scores', [1, 12, 9])
    const both = anomalyMaps(scores, [12, 9], [2, 0.7])
    ensureClose('map', anomalyMaps(anomalyMaps(scores, [12, 9], [2, 0]), [12, 9], [0, 0.7]), both)
  })

  test('resizes bilinearly with centres aligned', () => {
    const maps = anomalyMaps(tensor([1, 1, 2], Float32Array.of(0, 4)), [2, 4], 0)
    // Targets lie at -0.25, 0.25, 0.75, 1.25 of the source.
    expect([...maps.data]).toEqual([0, 1, 3, 4, 0, 1, 3, 4])
  })

  test('keeps a constant map, and the images of a batch apart', () => {
    const scores = tensor(
      [2, 3, 3],
      Float32Array.from({ length: 18 }, (_, index) => (index < 9 ? 2 : 5)),
    )
    const maps = anomalyMaps(scores, [24, 20], 4)
    maps.data.forEach((value, index) => expect(value).toBeCloseTo(index < 480 ? 2 : 5, 5))
  })
})

describe('patchFeatures', () => {
  test('averages 3x3 with zeros outside counted, by hand', () => {
    const { vectors } = patchFeatures([tensor([1, 2, 2, 1], Float32Array.of(9, 18, 27, 36))])
    expect([...vectors.data]).toEqual([10, 10, 10, 10])
    const row = patchFeatures([tensor([1, 1, 3, 1], Float32Array.of(9, 0, 18))])
    expect([...row.vectors.data]).toEqual([1, 3, 2])
  })

  test('equals the definition over random layers', () => {
    const [fine, coarse] = [randomTensor('fine', [2, 6, 4, 3]), randomTensor('coarse', [2, 3, 2, 5])]
    const { vectors, height, width } = patchFeatures([fine, coarse])
    expect([height, width]).toEqual([6, 4])
    const pooled = (map: typeof fine, n: number, y: number, x: number, c: number): number => {
      const [, h, w, channels] = map.shape as [number, number, number, number]
      let sum = 0
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          if (y + dy < 0 || y + dy >= h || x + dx < 0 || x + dx >= w) continue
          sum += map.data[((n * h + y + dy) * w + x + dx) * channels + c] as number
        }
      }
      return sum / 9
    }
    const wanted = new Float32Array(2 * 24 * 8)
    for (let at = 0; at < 48; at++) {
      const [n, y, x] = [Math.floor(at / 24), Math.floor((at % 24) / 4), at % 4]
      for (let c = 0; c < 3; c++) wanted[at * 8 + c] = pooled(fine, n, y, x, c)
      const [sy, sx] = [Math.max(0, (y + 0.5) / 2 - 0.5), Math.max(0, (x + 0.5) / 2 - 0.5)]
      for (let c = 0; c < 5; c++) {
        let sum = 0
        for (const [yy, wy] of [
          [Math.floor(sy), 1 - (sy % 1)],
          [Math.min(2, Math.floor(sy) + 1), sy % 1],
        ] as const) {
          for (const [xx, wx] of [
            [Math.floor(sx), 1 - (sx % 1)],
            [Math.min(1, Math.floor(sx) + 1), sx % 1],
          ] as const) {
            sum += wy * wx * pooled(coarse, n, yy, xx, c)
          }
        }
        wanted[at * 8 + 3 + c] = sum
      }
    }
    ensureClose('vectors', vectors, tensor([48, 8], wanted))
  })

  test('refuses a finer layer after a coarser one', () => {
    const [fine, coarse] = [randomTensor('fine', [1, 6, 4, 3]), randomTensor('coarse', [1, 3, 2, 5])]
    expect(() => patchFeatures([coarse, fine])).toThrow(
      'layers in order, the finest grid first; the first has 3 x 2, got 6 x 4 after it',
    )
  })
})
