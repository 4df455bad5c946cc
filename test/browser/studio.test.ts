import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { syntheticParts } from '@tab/data'
import { writeImage } from '@tab/data/node'
import { fitInspector, openInspector } from '@tab/pipeline/node'
import type { Page } from 'playwright-core'
import { serveStudio, type ServedStudio } from '../../packages/cli/src/studio/serve-studio.ts'
import { axeFindings } from './axe.ts'
import { browserTest, withPage } from './chromium.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const SIDE = 128
const STEP = 25_000 // milliseconds, so that the step that fails is named before the test is cut short
const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
const parts = syntheticParts({ part: 'washer', size: [SIDE, SIDE], seed: 5 })

let folder: string
let studio: ServedStudio
let good: string[]
let tested: string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-studio-'))
  const dist = join(folder, 'dist')
  const vite = here('../../node_modules/vite/bin/vite.js')
  await promisify(execFile)(process.execPath, [vite, 'build', here('../../apps/studio'), '--outDir', dist])
  studio = await serveStudio(dist, 0)
  const draw = async (name: string, image: Parameters<typeof writeImage>[1]): Promise<string> => {
    const path = join(folder, 'parts', `${name}.png`)
    await writeImage(path, image)
    return path
  }
  await mkdir(join(folder, 'parts'))
  const numbers = Array.from({ length: 12 }, (_, index) => index)
  good = await Promise.all(numbers.map((index) => draw(`good-${10 + index}`, parts.normal(index).image)))
  tested = await Promise.all([
    draw('new-1', parts.normal(40).image),
    draw('new-2', parts.normal(41).image),
    draw('soiled', parts.anomalous(52, 'contamination').image),
    draw('torn', parts.anomalous(51, 'scratch').image),
  ])
  await writeFile(join(folder, 'parts', 'phone.heic'), 'no picture')
}, 120_000)
afterAll(async () => {
  await studio.close()
  await rm(folder, { recursive: true })
})

interface Seen {
  readonly score: number
  readonly verdict: string
}

/** Inspects the pictures on the page, and reads what it says of each. */
async function inspectOnPage(page: Page): Promise<Seen[]> {
  await page.getByRole('link', { name: 'Inspect', exact: true }).click()
  await page.getByLabel('Choose photographs').setInputFiles(tested)
  await page.getByText('4 parts inspected').waitFor()
  const seen: Seen[] = []
  for (const item of await page.getByRole('list', { name: 'Inspected parts' }).getByRole('button').all()) {
    await item.click()
    const score = Number(await page.locator('.detail data').getAttribute('value'))
    const verdict = ((await page.locator('.detail .verdict').textContent()) ?? '').slice(1).trim()
    seen.push({ score, verdict })
  }
  return seen
}

/** That a detector file says the same of the pictures in Node as the page did. */
async function expectSameInNode(file: string, seen: readonly Seen[]): Promise<void> {
  const inspector = await openInspector({ model: file })
  try {
    for (const [index, path] of tested.entries()) {
      const { verdict, score } = await inspector.inspect(path)
      const there = seen[index] as Seen
      expect(Math.abs(there.score / (score as number) - 1)).toBeLessThan(1e-3)
      expect(there.verdict).toBe(verdict === 'good' ? 'Good' : 'Defect')
    }
  } finally {
    inspector.dispose()
  }
}

/** That the page as it stands passes the rules of axe in light and dark, and fits a phone. */
async function expectAccessible(page: Page): Promise<void> {
  for (const [colorScheme, width] of [
    ['light', 1440],
    ['dark', 390],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0)
    const { found, passed } = await axeFindings(page)
    expect(found).toEqual([])
    expect(passed).toBeGreaterThan(15)
  }
}

describe('TAB Studio in Chromium', () => {
  browserTest(
    'teaches and inspects without a network, keeps pictures over a reload, and shares detector files with Node',
    async () => {
      await withPage(
        studio.url,
        async (page) => {
          page.setDefaultTimeout(STEP)
          await page.getByText(/\d processor threads?\./).waitFor()
          expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true)
          await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
          await page.context().setOffline(true)

          await page.getByLabel('Detail').waitFor({ state: 'detached' })
          await page.getByLabel('Choose photographs').setInputFiles([...good, join(folder, 'parts', 'phone.heic')])
          await page.getByText('12 good pictures').waitFor()
          await page.getByText('HEIC: this browser cannot read it').waitFor()
          await page.getByLabel('Detail').selectOption(String(SIDE))
          const learn = page.getByRole('button', { name: 'Learn these parts' })
          await learn.click()
          await page.getByRole('button', { name: 'Cancel' }).click()
          await learn.click()
          await page.getByText('Looking at the pictures').waitFor()
          await page.reload()
          await page.getByText('The last learning was interrupted.').waitFor()
          await page.getByText('12 good pictures').waitFor()
          await learn.click()
          await page.getByRole('heading', { name: 'Learned from 12 pictures' }).waitFor()
          await page.getByText('estimated from the same pictures, not guaranteed').waitFor()
          await page.getByText('No picture looks unlike the others.').waitFor()
          await expectAccessible(page)

          await page.reload()
          await page.getByRole('heading', { name: 'Learned from 12 pictures' }).waitFor()
          expect(await page.locator('.thumbnails img').count()).toBe(12)

          const seen = await inspectOnPage(page)
          expect(seen.map(({ verdict }) => verdict)).toEqual(['Good', 'Good', 'Defect', 'Defect'])
          expect(await page.locator('.regions .pair canvas').count()).toBeGreaterThan(1)
          await page.keyboard.press('n')
          await page.getByText('agree on 1 of 1').waitFor()
          await page.getByLabel('Strictness').press('End')
          expect(await page.locator('.detail .verdict').textContent()).toContain('Good')
          await page.getByText('no rate is promised').waitFor()
          await page.getByRole('button', { name: 'Back to the learned threshold' }).click()
          await expectAccessible(page)

          await page.getByRole('link', { name: 'Take along' }).click()
          const [download] = await Promise.all([
            page.waitForEvent('download'),
            page.getByRole('button', { name: 'Save the detector file' }).click(),
          ])
          await expectSameInNode(await download.path(), seen)
          await expectAccessible(page)

          const fitted = await fitInspector({ images: good.slice(0, 6), preparation: { size: [SIDE, SIDE] } })
          const model = join(folder, 'from-node.safetensors')
          await writeFile(model, await fitted.save())
          fitted.dispose()
          await page.getByLabel('Open a detector file').setInputFiles(model)
          await page.getByText('Open: from-node.safetensors').waitFor()
          await expectSameInNode(model, await inspectOnPage(page))
          await page.getByRole('link', { name: 'Take along' }).click()
          await page.getByLabel('Open a detector file').setInputFiles(tested[0] as string)
          await page.getByRole('alert').getByText('That did not work').waitFor()

          await page.getByRole('link', { name: 'Teach', exact: true }).click()
          await page.getByRole('button', { name: 'Camera' }).click()
          await page.getByRole('button', { name: 'Take a picture' }).click()
          await page.getByText('13 good pictures').waitFor()

          await page.getByRole('button', { name: 'Start anew' }).click()
          await page.getByRole('button', { name: 'Keep them' }).click()
          await page.getByText('13 good pictures').waitFor()
          await page.getByRole('button', { name: 'Start anew' }).click()
          await page.getByRole('button', { name: 'Forget all' }).click()
          await page.getByText('0 good pictures').waitFor()
        },
        CAMERA,
      )
    },
  )
})

describe('tab studio', () => {
  test('answers this machine alone, with what isolates the page and keeps it from asking anyone else', async () => {
    const { status, headers } = await fetch(studio.url)
    expect([status, headers.get('cross-origin-embedder-policy')]).toEqual([200, 'require-corp'])
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*connect-src 'self';/)
    expect((await fetch(`${studio.url}%2e%2e/parts/soiled.png`)).status).toBe(404)
    expect((await fetch(studio.url, { method: 'POST' })).status).toBe(405)
  })

  test('names the port that is taken, and the build that is lacking', async () => {
    const port = Number(new URL(studio.url).port)
    await expect(serveStudio(join(folder, 'dist'), port)).rejects.toThrow(
      `--port: must be a free port, got ${port} is taken`,
    )
    await expect(serveStudio(join(folder, 'parts'), 0)).rejects.toThrow('npm run build')
  })
})
