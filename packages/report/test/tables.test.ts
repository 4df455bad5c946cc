import { expect, test } from '@jest/globals'
import { summarise, type CellMetrics, type CellResult } from '@tab/pipeline/results'
import { latexOf, markdownOf, metricTables } from '../src/benchmark/tables.ts'

/** A cell of the given place and value. */
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

test('Markdown and LaTeX hold the same cells, published figures marked, special characters escaped', () => {
  const published = {
    source: 'Paper 50%',
    dataset: 'D',
    detector: 'Y',
    backbone: 'R_18',
    shots: 'full',
    imageAuroc: 0.9,
  }
  const tables = metricTables(summarise([cell({ shots: 5 }, 0.25), cell({}, 0.75)]), [published as never])
  expect(markdownOf(tables)).toMatch(/\| X +\| A +\| 0\.2500 \| 0\.7500 \|/)
  expect(markdownOf(tables)).toMatch(/\| Y +\| R_18 \(Paper 50%\) \| +\| +0\.900 \|/)
  expect(latexOf(tables)).toContain('Y & R\\_18 (Paper 50\\%) &  & 0.900 \\\\')
})
