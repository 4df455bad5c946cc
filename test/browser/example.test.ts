import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import type { Tensor } from '@tab/core'
import { openInspector } from '@tab/pipeline/node'
import type { Page } from 'playwright-core'
import { buildSite } from '../../examples/browser/build-site.ts'
import { axeFindings } from './axe.ts'
import { browserTest, withPage } from './chromium.ts'
import { filesOf, serve } from './serve.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-site-'))
  await buildSite(folder)
}, 240_000)
afterAll(() => rm(folder, { recursive: true }))

async function withSite(body: (page: Page) => Promise<void>): Promise<void> {
  const server = await serve(await filesOf(folder))
  try {
    await withPage(`${server.origin}/index.html`, async (page) => {
      await page.getByText('Ready.').waitFor()
      await body(page)
    })
  } finally {
    await server.close()
  }
}

/** Size of the painted picture, and its colours [red, green, blue, alpha] at some pixels. */
const painted = (page: Page, places: readonly number[]) =>
  page.locator('#picture').evaluate((element, wanted) => {
    const canvas = element as HTMLCanvasElement
    const context = canvas.getContext('2d') as CanvasRenderingContext2D
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    return { size: [canvas.height, canvas.width], colors: wanted.map((at) => [...data.slice(4 * at, 4 * at + 4)]) }
  }, places)

/** A pixel of an image [H,W,3] as 8-bit RGBA. */
const pixelOf = ({ data }: Tensor, at: number) =>
  [...data.subarray(at * 3, at * 3 + 3)].map((value) => Math.round(value * 255)).concat(255)

describe('examples/browser in Chromium', () => {
  browserTest('scores as Node does, says so, paints where the defect is, and fades', async () => {
    const files = { model: join(folder, 'detector.safetensors'), backbone: join(folder, 'tab-resnet18.safetensors') }
    const inspector = await openInspector(files)
    const dent = await inspector.inspect(join(folder, 'samples/dent.png'))
    if (dent.verdict === 'not-judged' || inspector.threshold === null) throw new Error('the detector judges nothing')
    const { threshold } = inspector
    const { image, map, score } = dent
    inspector.dispose()
    await withSite(async (page) => {
      const verdict = page.getByRole('status')
      await page.getByRole('button', { name: 'good 1' }).click()
      await page.getByText('good-1: nothing found').waitFor()
      await page.getByRole('button', { name: 'dent' }).click()
      await page.getByText('dent: anomalous').waitFor()
      expect(await verdict.getAttribute('class')).toBe('bad')
      expect(Number(await page.locator('#score').textContent())).toBeCloseTo(score, 2)
      expect(await page.locator('#threshold').textContent()).toBe(threshold.toFixed(3))
      const { data } = map
      const [highest, lowest] = [Math.max, Math.min].map((most) => data.indexOf(data.reduce((x, y) => most(x, y))))
      await page.getByLabel('Heatmap opacity').fill('1')
      const { size, colors } = await painted(page, [highest as number, lowest as number])
      expect(size).toEqual([128, 128])
      const [[red, , blue]] = colors as [number[]]
      expect((red as number) - (blue as number)).toBeGreaterThan(100)
      // What is like a good part stays nearly clear: its map is about half of the threshold, where the colours begin.
      pixelOf(image, lowest as number).forEach((level, channel) =>
        expect(Math.abs(level - (colors[1]?.[channel] as number))).toBeLessThan(40),
      )
      await page.getByLabel('Heatmap opacity').fill('0')
      expect((await painted(page, [highest as number])).colors[0]).toEqual(pixelOf(image, highest as number))
      expect(await page.getByRole('button', { pressed: true }).allTextContents()).toEqual(['dent'])
    })
  })

  browserTest('takes a picture of the user, and says when it is none', async () => {
    await withSite(async (page) => {
      const input = page.locator('#file')
      await input.setInputFiles(join(folder, 'samples/scratch.png'))
      await page.getByText('scratch.png: anomalous').waitFor()
      await input.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') })
      await page.getByText('notes.txt cannot be inspected').waitFor()
      expect(await page.locator('#result').isVisible()).toBe(false)
    })
  })

  browserTest('fits a phone, and passes the rules of axe in light and dark', async () => {
    await withSite(async (page) => {
      await page.getByRole('button', { name: 'scratch' }).click()
      await page.getByText('scratch: anomalous').waitFor()
      for (const [colorScheme, width] of [
        ['light', 1100],
        ['dark', 1100],
        ['light', 390],
      ] as const) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 800 })
        const shots = process.env['TAB_SCREENSHOTS']
        if (shots) await page.screenshot({ path: join(shots, `${colorScheme}-${width}.png`), fullPage: true })
        expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0)
        const { found, passed } = await axeFindings(page)
        expect(found).toEqual([])
        expect(passed).toBeGreaterThan(15)
      }
    })
  })
})
