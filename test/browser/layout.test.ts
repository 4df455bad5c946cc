import { describe, expect } from '@jest/globals'
import { browserTest } from './chromium.ts'
import { withHtml } from './html-page.ts'
import { expectGoodLayout, tableWidths } from './page-layout.ts'
import { sampleBenchmarkPage, sampleChoicePage, sampleCurvesPage } from './sample-pages.ts'

describe.each([
  ['benchmark', sampleBenchmarkPage],
  ['choice', sampleChoicePage],
  ['curves', sampleCurvesPage],
])('the %s page', (name, make) => {
  browserTest('has no text on another, nothing beyond the edge, and tables as wide as their place', () =>
    withHtml(make(), async (page) => {
      await expectGoodLayout(page, name)
      for (const share of await tableWidths(page)) expect(share).toBeGreaterThanOrEqual(1)
    }),
  )
})
