import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import { tensor, tensorOf } from '@tab/core'
import { openDataset } from '@tab/data/node'
import { createBinnedDetection } from '@tab/metrics'
import type { Page } from 'playwright-core'
import type { Evaluation } from '@tab/pipeline/results'
import { metricTable } from '../../packages/pipeline/src/node/evaluate/metric-table.ts'
import { renderReport } from '@tab/report'
import { describeDataset } from '@tab/report/node'
import { miniature, type Miniature } from '../../packages/pipeline/test/miniature.ts'
import { runTab } from '../../packages/cli/test/run-tab.ts'
import { axeFindings } from './axe.ts'
import { expectGoodLayout, tableWidths } from './page-layout.ts'
import { browserTest } from './chromium.ts'
import { withHtml } from './html-page.ts'

let mini: Miniature
beforeAll(async () => {
  mini = await miniature()
})
afterAll(() => rm(mini.folder, { recursive: true }))

/** The test images of the miniature, scored by a formula; the defective ones above the good ones unless `inverted`. */
async function evaluation(title: string, inverted: boolean): Promise<{ title: string; evaluation: Evaluation }> {
  const dataset = await openDataset(mini.data)
  const samples = dataset.samples.filter(({ split }) => split === 'test')
  const masks = new Uint8Array(samples.length * 64 * 64)
  samples.forEach(({ label }, index) => label && masks.fill(1, index * 4096 + 1000, index * 4096 + 1200))
  const set = {
    scores: Float32Array.from(samples, ({ label }, index) => (inverted ? 1 - label : label) * 10 + index),
    milliseconds: new Float32Array(samples.length).fill(1),
    defects: samples.map(({ defect }) => defect),
  }
  const maps = Float32Array.from(masks, (mark, index) => mark + (index % 7) / 10)
  const detection = createBinnedDetection()
  detection.update({
    scores: set.scores,
    labels: samples.map(({ label }) => label),
    defectTypes: set.defects,
    maps: tensor([samples.length, 64, 64], maps),
    masks: tensorOf('uint8', [samples.length, 64, 64], masks),
  })
  const metrics = detection.compute()
  const part = <A extends Float32Array | Uint8Array>(values: A, place: number): A =>
    values.subarray(place * 4096, (place + 1) * 4096) as A
  const run = {
    dataset: 'washers',
    backbone: 'none',
    detector: 'formula',
    options: {},
    normals: 5,
    skipped: [],
    fitSeconds: 1,
    resolution: [64, 64] as const,
    pixelMetrics: { method: 'exact' } as const,
    warnings: [],
  }
  const scoring = {
    set,
    samples,
    metrics,
    proCurve: detection.proCurve(),
    mapSample: maps,
    vanishedMasks: [],
    view: (place: number) => Promise.resolve({ map: part(maps, place), mask: part(masks, place) }),
  }
  return { title, evaluation: { results: { ...metricTable(set, metrics), run }, scoring, dispose: () => undefined } }
}

async function comparison(): Promise<string> {
  const threshold = { value: 9.5, falsePositiveRate: 0.1, sampleSize: 24 }
  const runs = [{ ...(await evaluation('upright', false)), threshold }, await evaluation('inverted', true)]
  const datasets = [await describeDataset('washers', runs), await describeDataset('few washers', runs, { cases: 4 })]
  return renderReport({ title: 'Two runs', note: 'A note.', datasets, colophon: 'Made here' })
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
const names = (page: Page, gallery = 0) =>
  page.locator('.gallery').nth(gallery).locator('.case:visible .path').allTextContents()

describe('the report page in Chromium', () => {
  browserTest('of tab evaluate loads alone, shows every picture and curve, and fits a phone', async () => {
    const output = join(mini.folder, 'out')
    const args = ['--data', mini.data, '--backbone', mini.backbone, '--image-size', '64', '--output', output]
    expect(await runTab(['evaluate', ...args])).toMatchObject({ status: 0 })
    await withHtml(await readFile(join(output, 'report.html'), 'utf8'), async (page) => {
      expect(await page.title()).toContain('patchcore on washers')
      const sizes = await page.$$eval('svg image', (images) =>
        Promise.all(
          images.map(async (element) => {
            const image = new Image()
            image.src = element.getAttribute('href') ?? ''
            await image.decode()
            return image.naturalWidth
          }),
        ),
      )
      const cards = await page.locator('.case').count()
      expect(cards).toBeGreaterThan(5)
      expect(sizes).toHaveLength(2 * cards)
      expect(new Set(sizes)).toEqual(new Set([64, 128])) // maps as they are, photographs twice as large
      expect(await page.locator('.chart path.series-0').count()).toBe(3)
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 800 })
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        expect([width, overflow]).toEqual([width, 0])
      }
    })
  })

  browserTest('moves heatmaps and outlines by its controls, sorts, and filters', async () => {
    await withHtml(await comparison(), async (page) => {
      const opacities = () =>
        page.$$eval('.heat', (layers) => [...new Set(layers.map((layer) => getComputedStyle(layer).opacity))])
      expect(await opacities()).toEqual(['0.7'])
      await page.getByLabel('Heatmap opacity').first().fill('0.2')
      expect(await opacities()).toEqual(['0.2'])
      expect(await page.getByLabel('Heatmap opacity').last().inputValue()).toBe('0.2')
      expect(await page.locator('.outline').first().isVisible()).toBe(true)
      await page.getByLabel('Ground truth outline').first().uncheck()
      expect(await page.locator('.outline:visible').count()).toBe(0)

      const byFirst = await names(page)
      expect(byFirst.at(-1)).toContain('good')
      await page.getByLabel('Sort by').first().selectOption('inverted')
      expect((await names(page))[0]).toContain('good')
      await page.getByLabel('Sort by').first().selectOption('upright')
      await page.getByLabel('Order').first().selectOption('lowest score first')
      expect(await names(page)).toEqual([...byFirst].reverse())
      await page.getByLabel('Show').first().selectOption('good')
      expect(await names(page)).toHaveLength(3)
      expect(await page.locator('.count').first().textContent()).toBe('3 images')
      expect(await names(page, 1)).toHaveLength(4)
      expect(await page.locator('.gallery').nth(1).textContent()).toContain(`4 of ${byFirst.length} images`)
    })
  })

  browserTest('shows runs side by side, and the threshold with what it promises', async () => {
    await withHtml(await comparison(), async (page) => {
      const card = page.locator('.case').first()
      expect(await card.locator('.heat').count()).toBe(2)
      expect(await card.locator('.run-name').allTextContents()).toEqual(['upright', 'inverted'])
      const roc = page.locator('.chart', { hasText: 'ROC, images' }).first()
      expect(await roc.locator('path.series').count()).toBe(2)
      expect(await roc.locator('.legend li').allTextContents()).toEqual([
        'upright: AUROC 1.0000',
        'inverted: AUROC 0.0000',
      ])
      const charts = page.locator('.dataset').first().locator('.chart')
      expect(await charts.locator('.threshold').count()).toBe(1)
      const note = await charts
        .filter({ has: page.locator('.threshold') })
        .locator('.hint')
        .textContent()
      expect(note).toContain('threshold 9.500, chosen on 24 good images')
      expect(note).toContain('0.3 of these 3 good images expected above it, 0 found')
    })
  })

  browserTest(
    'can be used by keyboard: one stop in each gallery, arrow keys in it, and a dialog to look closer',
    async () => {
      await withHtml(await comparison(), async (page) => {
        const [first, second, ...others] = (await names(page)).map((name) => `Enlarge ${name}`)
        const last = others.at(-1)
        await page.getByLabel('Order').first().focus()
        await page.keyboard.press('Tab')
        expect(await focused(page)).toBe(first)
        await page.keyboard.press('ArrowRight')
        expect(await focused(page)).toBe(second)
        await page.keyboard.press('End')
        expect(await focused(page)).toBe(last)
        await page.keyboard.press('Home')
        expect(await focused(page)).toBe(first)
        await page.keyboard.press('ArrowDown')
        await page.keyboard.press('ArrowUp')
        expect(await focused(page)).toBe(first)
        expect(await page.locator('.gallery').first().locator('.enlarge[tabindex="0"]').count()).toBe(1)

        await page.keyboard.press('Enter')
        const dialog = page.getByRole('dialog')
        expect(`Enlarge ${await dialog.getByRole('heading').locator('.path').textContent()}`).toBe(first)
        await page.keyboard.press('ArrowRight')
        expect(`Enlarge ${await dialog.getByRole('heading').locator('.path').textContent()}`).toBe(second)
        expect(await dialog.locator('svg').count()).toBe(3)
        await page.keyboard.press('Escape')
        expect(await dialog.count()).toBe(0)
        expect(await focused(page)).toBe(second)
      })
    },
  )

  browserTest(
    'is laid out well and passes the rules of axe, wide and narrow, in light and in dark, folded out and with the dialog open',
    async () => {
      await withHtml(await comparison(), async (page) => {
        await page.$$eval('details', (folds) => folds.forEach((fold) => (fold.open = true)))
        await expectGoodLayout(page, 'report')
        for (const share of await tableWidths(page)) expect(share).toBeGreaterThanOrEqual(0.99)
        await page.locator('.enlarge').first().click()
        expect((await axeFindings(page)).found).toEqual([])
      })
    },
  )
})
