// `npm run pictures [REPORT]`: renews the pictures of the README in docs/images from the report of `npm run demo`, whose parts are all
// synthetic: the head of the report, and the photograph, ground truth and heatmap of a defect.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { root } from './workspace.mjs'

const WIDTH = 900
const report = resolve(process.env.INIT_CWD ?? '.', process.argv[2] ?? join(root, 'demo-output/report.html'))
const images = join(root, 'docs/images')
mkdirSync(images, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.TAB_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
try {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 760 }, colorScheme: 'light' })
  await page.goto(pathToFileURL(report).href)
  await page.screenshot({ path: join(images, 'report.png') })
  const figure = page.locator('.case:not([data-defect="good"]) .tiles').first()
  await figure.scrollIntoViewIfNeeded()
  await figure.screenshot({ path: join(images, 'heatmap.png') })
} finally {
  await browser.close()
}
