import { describe, expect, test } from '@jest/globals'
import { aupimo, aupro, auroc, proCurve } from '@tab/metrics'
import { createRng, randomNormal, tensor, tensorOf, type Tensor } from '@tab/core'
import fc from 'fast-check'

type Masks = Tensor<'uint8'>

/** Two images of noise with a block defect in the first, big enough for all sorting paths. */
function large(): { maps: Tensor; masks: Masks } {
  const [height, width] = [120, 100]
  const rng = createRng('large')
  const mask = Uint8Array.from({ length: 2 * height * width }, (_, index) => {
    const [y, x] = [Math.floor(index / width), index % width]
    return (y > 20 && y < 60 && x > 30 && x < 70) || (y > 90 && y < 95 && x < 5) ? 1 : 0
  })
  const map = Float32Array.from(mask, (defect) => Math.round(100 * (randomNormal(rng) + defect)) / 100)
  map[5] = -0
  return { maps: tensor([2, height, width], map), masks: tensorOf('uint8', [2, height, width], mask) }
}

describe('proCurve', () => {
  test('by hand: half of one region and none of the other, then all', () => {
    const maps = tensor([1, 1, 6], Float32Array.of(9, 5, 7, 0, 5, 1))
    const masks = tensorOf('uint8', [1, 1, 6], Uint8Array.of(1, 1, 0, 0, 1, 0))
    const curve = proCurve(maps, masks)
    expect([...curve.thresholds]).toEqual([9, 7, 5, 1, 0, -(2 ** -149)])
    expect([...curve.falsePositiveRates]).toEqual([0, 0, 1 / 3, 1 / 3, 2 / 3, 1])
    expect([...curve.overlaps]).toEqual([0, 0.25, 0.25, 1, 1, 1])
  })

  test.each([0.05, 0.3, 0.5, 1])('the area under it to %d is aupro', (fprLimit) => {
    const { maps, masks } = large()
    const { falsePositiveRates: x, overlaps: y } = proCurve(maps, masks)
    let area = 0
    for (let i = 1; i < x.length; i++) {
      const [fromX, toX, fromY, toY] = [x[i - 1], x[i], y[i - 1], y[i]] as [number, number, number, number]
      if (fromX >= fprLimit) break
      const share = toX > fprLimit ? (fprLimit - fromX) / (toX - fromX) : 1
      area += ((toX - fromX) * share * (fromY + fromY + share * (toY - fromY))) / 2
    }
    expect(Math.abs(aupro(maps, masks, { fprLimit }) - area / fprLimit)).toBeLessThan(1e-12)
  })

  test('with one region and no limit the area is the pixel AUROC', () => {
    const maps = tensor([1, 2, 3], Float32Array.of(3, 1, 2, 5, 2, 0))
    const masks = tensorOf('uint8', [1, 2, 3], Uint8Array.of(1, 1, 0, 0, 1, 0))
    expect(aupro(maps, masks, { fprLimit: 1 })).toBeCloseTo(auroc(maps.data, masks.data), 14)
  })
})

/** The definition by numerical integration over the logarithm of the false positive rate. */
function literalAupimo(maps: Tensor, masks: Masks, [lower, upper]: readonly [number, number]): (number | null)[] {
  const [count, height, width] = maps.shape as [number, number, number]
  const area = height * width
  const images = Array.from({ length: count }, (_, n) => ({
    map: [...maps.data.slice(n * area, (n + 1) * area)],
    mask: [...masks.data.slice(n * area, (n + 1) * area)],
  }))
  const normal = images.filter(({ mask }) => !mask.includes(1)).flatMap(({ map }) => map)
  return images.map(({ map, mask }) => {
    if (!mask.includes(1)) return null
    const defective = map.filter((_, index) => mask[index] === 1)
    const thresholds = [...new Set([...normal, ...defective])].sort((left, right) => right - left)
    const points = thresholds.map((threshold): [number, number] => [
      normal.filter((score) => score >= threshold).length / normal.length,
      defective.filter((score) => score >= threshold).length / defective.length,
    ])
    const recallAt = (fpr: number): number => {
      const next = points.findIndex(([x]) => x > fpr)
      const [x1, y1] = points[next] as [number, number]
      const [x0, y0] = points[next - 1] ?? [0, 0]
      return y0 + ((fpr - x0) / (x1 - x0)) * (y1 - y0)
    }
    const steps = 4000
    let sum = 0
    for (let step = 0; step < steps; step++) sum += recallAt(lower * (upper / lower) ** ((step + 0.5) / steps))
    return sum / steps
  })
}

describe('aupimo', () => {
  test('by hand: found before, between and after the bounds', () => {
    // 100 normal pixels 0..99; bounds 0.01 to 0.1: between 1 and 10 false positives
    const map = Float32Array.from({ length: 200 }, (_, index) => (index < 100 ? index : -1))
    map.set([1000, 97.5, 50], 100)
    const mask = new Uint8Array(200).fill(1, 100, 103)
    const maps = tensor([2, 10, 10], map)
    const masks = tensorOf('uint8', [2, 10, 10], mask)
    // the pixel at 97.5 is found from 2 false positives on: ln(10 / 2) of ln 10
    const wanted = (1 + Math.log(5) / Math.log(10)) / 3
    const { mean, perImage } = aupimo(maps, masks, { fprBounds: [0.01, 0.1] })
    expect(mean).toBeCloseTo(wanted, 12)
    expect(perImage).toEqual([null, mean])
  })

  test('normal pixels of anomalous images do not count', () => {
    const masks = tensorOf('uint8', [2, 1, 3], Uint8Array.of(0, 0, 0, 1, 0, 0))
    const maps = (loud: number): Tensor => tensor([2, 1, 3], Float32Array.of(1, 2, 3, 2.5, loud, loud))
    const bounds = { fprBounds: [0.1, 0.9] as const }
    expect(aupimo(maps(99), masks, bounds)).toEqual(aupimo(maps(0), masks, bounds))
  })

  test('equals numerical integration of the definition', () => {
    const set = fc
      .array(
        fc.record({
          map: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 9, maxLength: 9 }),
          mask: fc.oneof(
            fc.constant(Array.from({ length: 9 }, () => 0)),
            fc.array(fc.constantFrom(0, 1), { minLength: 9, maxLength: 9 }),
          ),
        }),
        { minLength: 2, maxLength: 4 },
      )
      .filter((images) => new Set(images.map(({ mask }) => mask.includes(1))).size === 2)
    fc.assert(
      fc.property(set, (images) => {
        const shape = [images.length, 3, 3]
        const maps = tensor(shape, Float32Array.from(images.flatMap(({ map }) => map)))
        const masks = tensorOf('uint8', shape, Uint8Array.from(images.flatMap(({ mask }) => mask)))
        const bounds = [0.02, 0.6] as const
        const wanted = literalAupimo(maps, masks, bounds)
        const { perImage, mean } = aupimo(maps, masks, { fprBounds: bounds })
        perImage.forEach((value, image) => {
          if (wanted[image] === null) expect(value).toBeNull()
          else expect(Math.abs((value as number) - (wanted[image] as number))).toBeLessThan(2e-3)
        })
        const values = perImage.filter((value) => value !== null)
        expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 12)
      }),
      { numRuns: 40 },
    )
  })

  test('refuses what it is not defined for', () => {
    const maps = tensor([1, 1, 2], Float32Array.of(1, 2))
    const masks = (...values: number[]) => tensorOf('uint8', [1, 1, 2], Uint8Array.from(values))
    expect(() => aupimo(maps, masks(0, 1))).toThrow('undefined without a normal image')
    expect(() => aupimo(maps, masks(0, 0))).toThrow('undefined without an anomalous image')
    expect(() => aupimo(maps, masks(0, 1), { fprBounds: [1e-4, 1e-5] })).toThrow('fprBounds[1] must be a finite number')
  })
})
