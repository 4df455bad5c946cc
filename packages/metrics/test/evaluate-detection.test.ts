import { describe, expect, test } from '@jest/globals'
import { aupimo, aupro, auroc, averagePrecision, evaluateDetection, f1Max } from '@tab/metrics'
import { createRng, tensor, tensorOf, type Tensor } from '@tab/core'

const SIDE = 12

/** Two normal images, two with a crack, one with a stain: noise, brighter on the defects. */
function scoredSet() {
  const rng = createRng('set')
  const defectTypes = ['good', 'crack', 'stain', null, 'crack']
  const labels = defectTypes.map((type) => (type && type !== 'good' ? 1 : 0))
  const mask = Uint8Array.from({ length: 5 * SIDE * SIDE }, (_, index) => {
    const [image, y, x] = [Math.floor(index / SIDE / SIDE), Math.floor(index / SIDE) % SIDE, index % SIDE]
    if (defectTypes[image] === 'crack') return y === 3 || (y > 8 && x > 8) ? 1 : 0
    return defectTypes[image] === 'stain' && y > 4 && x < 4 ? 1 : 0
  })
  const map = Float32Array.from(mask, (defect) => rng() + 0.4 * defect)
  return {
    scores: labels.map((label) => rng() + 0.3 * label),
    labels,
    defectTypes,
    maps: tensor([5, SIDE, SIDE], map),
    masks: tensorOf('uint8', [5, SIDE, SIDE], mask),
  }
}

function pick(maps: Tensor, masks: Tensor<'uint8'>, kept: readonly number[]): [Tensor, Tensor<'uint8'>] {
  const area = SIDE * SIDE
  const map = kept.flatMap((image) => [...maps.data.subarray(image * area, (image + 1) * area)])
  const mask = kept.flatMap((image) => [...masks.data.subarray(image * area, (image + 1) * area)])
  const shape = [kept.length, SIDE, SIDE]
  return [tensor(shape, Float32Array.from(map)), tensorOf('uint8', shape, Uint8Array.from(mask))]
}

describe('evaluateDetection', () => {
  test('holds the values of the functions, overall and for each type against all normal images', () => {
    const set = scoredSet()
    const table = evaluateDetection(set)
    expect(table).toMatchObject({ schema: 'tab.detection-table/2', resolution: [SIDE, SIDE], undefinedMetrics: [] })
    expect(table.byDefectType.map(({ defectType }) => defectType)).toEqual(['crack', 'stain'])
    const rows = [table.overall, ...table.byDefectType]
    const keptBy = [
      [0, 1, 2, 3, 4],
      [0, 1, 3, 4],
      [0, 2, 3],
    ]
    rows.forEach((row, index) => {
      const kept = keptBy[index] as number[]
      const scores = kept.map((image) => set.scores[image] as number)
      const labels = kept.map((image) => set.labels[image] as number)
      const [maps, masks] = pick(set.maps, set.masks, kept)
      expect(row).toMatchObject({ normalImages: 2, anomalousImages: kept.length - 2, imagesWithoutMask: 0 })
      expect(row.image).toEqual({
        auroc: auroc(scores, labels),
        averagePrecision: averagePrecision(scores, labels),
        f1Max: f1Max(scores, labels),
      })
      expect(row.pixel).toEqual({
        regions: [5, 4, 1][index],
        auroc: auroc(maps.data, masks.data),
        averagePrecision: averagePrecision(maps.data, masks.data),
        f1Max: f1Max(maps.data, masks.data),
        aupro: [0.3, 0.05].map((fprLimit) => ({ fprLimit, value: aupro(maps, masks, { fprLimit }) })),
        aupimo: aupimo(maps, masks).mean,
      })
    })
  })

  test('is plain JSON', () => {
    const table = evaluateDetection(scoredSet())
    expect(JSON.parse(JSON.stringify(table))).toEqual(table)
  })

  test('without maps there are image metrics alone', () => {
    const { scores, labels } = scoredSet()
    const table = evaluateDetection({ scores, labels })
    expect(table).toMatchObject({
      resolution: null,
      byDefectType: [],
      overall: { pixel: null, imagesWithoutMask: null },
    })
    expect(table.overall.image.auroc).toBe(auroc(scores, labels))
  })

  test('an anomalous image without a known mask is left out of pixel metrics, and counted', () => {
    const set = scoredSet()
    const hasMask = [true, true, false, false, true]
    const table = evaluateDetection({ ...set, hasMask })
    const [maps, masks] = pick(set.maps, set.masks, [0, 1, 3, 4])
    expect(table.overall.imagesWithoutMask).toBe(1)
    expect(table.overall.pixel?.auroc).toBe(auroc(maps.data, masks.data))
    expect(table.overall.image.auroc).toBe(auroc(set.scores, set.labels))
    const stain = table.byDefectType[1]
    expect(stain?.pixel).toMatchObject({ auroc: null, aupimo: null, regions: 0 })
    expect(stain?.image.auroc).not.toBeNull()
    expect(table.undefinedMetrics).toContainEqual({
      defectType: 'stain',
      metric: 'pixel.aupro 0.3',
      reason: 'aupro: undefined without a defective region',
    })
    expect(table.undefinedMetrics).toHaveLength(6)
  })

  test.each<[string, object, string]>([
    ['lengths that differ', { defectTypes: ['crack'] }, 'defectTypes must hold one entry for each of 5 scores, got 1'],
    [
      'a nameless defect',
      { defectTypes: [null, 'a', null, null, 'b'] },
      'the defect of every anomalous image, got none for image 2',
    ],
    ['maps alone', { masks: undefined }, 'maps and masks must come together, got maps alone'],
    ['a defect on a normal image', { labels: [0, 0, 1, 0, 1] }, 'must be empty, got a defect in that of image 1'],
    ['a score that is not finite', { scores: [1, 2, NaN, 4, 5] }, 'scores must be finite numbers, got NaN at 2'],
  ])('refuses %s', (_, change, message) => {
    expect(() => evaluateDetection({ ...scoredSet(), ...change })).toThrow(message)
  })
})
