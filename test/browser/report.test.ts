import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from '@jest/globals'
import { miniature } from '../../packages/cli/test/miniature.ts'
import { runTab } from '../../packages/cli/test/run-tab.ts'
import { browserTest, withPage } from './chromium.ts'
import { serve } from './serve.ts'

describe('the report page in Chromium', () => {
  browserTest('loads alone, shows every picture, and its opacity slider moves the heatmaps', async () => {
    const mini = await miniature()
    const output = join(mini.folder, 'out')
    const args = ['--data', mini.data, '--backbone', mini.backbone, '--image-size', '64', '--output', output]
    expect(await runTab(['evaluate', ...args])).toMatchObject({ status: 0 })
    const server = await serve({
      '/report.html': await readFile(join(output, 'report.html'), 'utf8'),
      '/favicon.ico': '',
    })
    try {
      await withPage(`${server.origin}/report.html`, async (page) => {
        expect(await page.title()).toContain('patchcore on washers')
        const widths = await page.$$eval('img', (images) => images.map((image) => image.naturalWidth))
        expect(widths.length).toBeGreaterThan(10)
        expect(new Set(widths)).toEqual(new Set([64]))
        const opacity = () => page.$eval('.heat', (layer) => getComputedStyle(layer).opacity)
        expect(await opacity()).toBe('0.75')
        await page.getByLabel('Heatmap opacity').fill('0.2')
        expect(await opacity()).toBe('0.2')
        const rows = await page.locator('table tbody tr').count()
        expect(rows).toBeGreaterThan(3)
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        expect(overflow).toBeLessThanOrEqual(0)
      })
    } finally {
      await server.close()
      await rm(mini.folder, { recursive: true })
    }
  })
})
