import { describe, expect } from '@jest/globals'
import { benchmarkPage } from '../../packages/report/src/benchmark/benchmark-page.tsx'
import type { Comparison, SummaryRow } from '@tab/pipeline/results'
import { comparisonTable, costTable, metricTables } from '../../packages/report/src/benchmark/tables.ts'
import { browserTest } from './chromium.ts'
import { withHtml } from './html-page.ts'
import { expectGoodLayout } from './page-layout.ts'

const of = (mean: number) => ({ mean, deviation: 0.01 })
const rows: SummaryRow[] = ['ImageNet', 'TAB'].flatMap((backbone, which) =>
  ([1, 10, 'full'] as const).map((shots, step) => ({
    dataset: 'tiles',
    category: '',
    detector: 'PatchCore',
    backbone,
    shots,
    seeds: 3,
    metrics: {
      imageAuroc: of(0.7 + 0.1 * step + 0.02 * which),
      pixelAuroc: of(0.9),
      aupro: step === 0 ? undefined : of(0.8),
    },
    failures: [],
    notes: [],
    cost: { fitSeconds: 2, millisecondsPerImage: 30, megabytes: 1.5, bankSize: 78 },
  })),
)
const comparison: Comparison = {
  dataset: 'tiles',
  detector: 'PatchCore',
  shots: 1,
  backbone: 'TAB',
  reference: 'ImageNet',
  difference: 0.02,
  interval: [-0.01, 0.05],
  pValue: 0.2,
  better: 2,
  seeds: 3,
}
const page = benchmarkPage({
  madeBy: 'tab 0.1.0',
  rows,
  metrics: metricTables(rows, []),
  comparison: comparisonTable([comparison]),
  cost: costTable(rows),
})

describe('the page of tab benchmark in Chromium', () => {
  browserTest('draws a line for each backbone over the numbers of normals, by name, and all tables', () =>
    withHtml(page, async (opened) => {
      expect(await opened.locator('.chart').count()).toBe(3)
      const first = opened.locator('.chart').first()
      expect(await first.locator('path.series').count()).toBe(2)
      expect((await first.locator('.axes text').allTextContents()).filter((text) => text === 'all')).toHaveLength(1)
      await first.getByText('Values').click()
      expect(await first.locator('tbody tr').last().locator('th, td').allTextContents()).toEqual([
        'all',
        '0.9000',
        '0.9200',
      ])
      const tables = await opened.locator('caption').allTextContents()
      expect(tables.map((caption) => caption.split(/[,:]/)[0])).toEqual([
        ...['tiles', 'tiles', 'tiles'],
        'Image AUROC against the first backbone',
        'Cost on this machine',
      ])
    }),
  )

  browserTest('fits a phone and passes the rules of axe in light and in dark, folded out', () =>
    withHtml(page, async (opened) => {
      await opened.$$eval('details', (folds) => folds.forEach((fold) => (fold.open = true)))
      await expectGoodLayout(opened, 'benchmark-folded-out')
    }),
  )
})
