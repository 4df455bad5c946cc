import { describe, expect, test } from '@jest/globals'
import { connectedComponents, type Connectivity } from '@tab/metrics'
import fc from 'fast-check'

/** Components by flood fill, numbered by their first pixels. */
function literal(mask: readonly number[], height: number, width: number, connectivity: Connectivity): number[] {
  const labels = mask.map(() => 0)
  let number = 0
  const fill = (y: number, x: number): void => {
    const at = y * width + x
    if (y < 0 || y >= height || x < 0 || x >= width || mask[at] === 0 || labels[at] !== 0) return
    labels[at] = number
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) if (connectivity === 8 || dy === 0 || dx === 0) fill(y + dy, x + dx)
    }
  }
  mask.forEach((value, index) => {
    if (value === 0 || labels[index] !== 0) return
    number++
    fill(Math.floor(index / width), index % width)
  })
  return labels
}

const masks = fc
  .record({ height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 9 }) })
  .chain(({ height, width }) =>
    fc.record({
      height: fc.constant(height),
      width: fc.constant(width),
      mask: fc.array(fc.constantFrom(0, 1, 1), { minLength: height * width, maxLength: height * width }),
    }),
  )

describe('connectedComponents', () => {
  test('corners join with 8 neighbours and do not with 4', () => {
    const mask = Uint8Array.of(1, 0, 0, 1)
    expect(connectedComponents(mask, 2, 2)).toEqual({ labels: Int32Array.of(1, 0, 0, 1), sizes: [2] })
    expect(connectedComponents(mask, 2, 2, 4)).toEqual({ labels: Int32Array.of(1, 0, 0, 2), sizes: [1, 1] })
  })

  test('arms that meet late are one component', () => {
    // prettier-ignore
    const mask = Uint8Array.of(
      1, 0, 1, 0, 1,
      1, 0, 1, 0, 1,
      1, 1, 1, 1, 1,
    )
    for (const connectivity of [4, 8] as const)
      expect(connectedComponents(mask, 3, 5, connectivity).sizes).toEqual([11])
  })

  test('equals flood fill, numbers and sizes', () => {
    fc.assert(
      fc.property(masks, fc.constantFrom<Connectivity>(4, 8), ({ height, width, mask }, connectivity) => {
        const { labels, sizes } = connectedComponents(Uint8Array.from(mask), height, width, connectivity)
        expect([...labels]).toEqual(literal(mask, height, width, connectivity))
        expect(sizes).toEqual(sizes.map((_, index) => [...labels].filter((label) => label === index + 1).length))
      }),
    )
  })
})
