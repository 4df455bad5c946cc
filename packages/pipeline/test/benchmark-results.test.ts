import { describe, expect, test } from '@jest/globals'
import type { CellMetrics, CellResult } from '@tab/pipeline/results'
import { compareBackbones } from '../src/node/benchmark/comparisons.ts'
import { checkConfig } from '../src/node/benchmark/read-config.ts'
import { summarise } from '../src/results/summary.ts'

/** A cell of the given place and values; scores of two good and two defective images. */
function cell(name: Partial<CellResult['name']>, imageAuroc: number | null, scores = [0, 1, 2, 3]): CellResult {
  const metrics = { imageAuroc, pixelAuroc: 0.5, aupro: null } as CellMetrics
  return {
    schema: 'tab.benchmark-cell/2',
    key: JSON.stringify(name),
    weights: '',
    notes: [],
    name: { dataset: 'D', category: '', backbone: 'A', detector: 'X', shots: 'full', seed: 0, ...name },
    metrics,
    byDefect: {},
    cost: { fitSeconds: 1, millisecondsPerImage: 2, megabytes: 3, bankSize: null },
    defects: ['good', 'good', 'crack', 'crack'],
    scores,
  }
}

describe('results of a benchmark', () => {
  const cells = [
    cell({ category: 'a', seed: 0 }, 0.8),
    cell({ category: 'b', seed: 0 }, 0.6),
    cell({ category: 'a', seed: 1 }, 1.0),
    cell({ category: 'b', seed: 1 }, 0.8),
  ]

  test('a data set is the mean over seeds of the means over categories, its spread that of the seeds', () => {
    const [whole, a] = summarise(cells)
    expect(whole?.category).toBe('')
    expect(whole?.metrics.imageAuroc?.mean).toBeCloseTo(0.8, 12) // of 0.7 and 0.9
    expect(whole?.metrics.imageAuroc?.deviation).toBeCloseTo(Math.SQRT2 / 10, 12)
    expect([a?.category, a?.metrics.imageAuroc?.mean]).toEqual(['a', 0.9])
    expect(whole?.metrics.aupro).toBeUndefined()
  })

  test('backbones are compared on the same images: a perfect one against a reversed one', async () => {
    const better = [0, 1].map((seed) => cell({ backbone: 'B', seed }, 1))
    const worse = [0, 1].map((seed) => cell({ seed }, 0, [3, 2, 1, 0]))
    const [comparison] = await compareBackbones([...worse, ...better], {})
    expect(comparison).toMatchObject({
      backbone: 'B',
      reference: 'A',
      difference: 1,
      interval: [1, 1],
      better: 2,
      seeds: 2,
    })
    expect(comparison?.pValue).toBeLessThan(0.01)
    expect(await compareBackbones([...worse.slice(1), ...better], {})).toEqual([])
  })

  test('one side of an image is a square', () => {
    const config = checkConfig(
      'test',
      {
        datasets: [{ path: 'x' }],
        backbones: [{ name: 'r', random: 'resnet18' }],
        detectors: [{ method: 'padim' }],
        imageSize: 96,
      },
      '/data',
    )
    expect([config.imageSize, config.datasets[0]?.path, config.shots]).toEqual([[96, 96], '/data/x', ['full']])
  })
})
