import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { browserTest, withPage } from './chromium.ts'
import { overflow } from './page-layout.ts'
import { filesOf, serve } from './serve.ts'

const SITE = join(import.meta.dirname, '../../docs-site')
const siteTest = existsSync(join(SITE, 'index.html'))
  ? browserTest
  : (name: string, _: () => Promise<void>): void => test.skip(`${name} (no docs-site: npm run docs)`, () => undefined)

/** Opens the documentation site, with the addresses of its pages. */
async function withSite(body: (page: Page, pages: readonly string[]) => Promise<void>): Promise<void> {
  const files = await filesOf(SITE)
  const server = await serve({ ...files, '/favicon.ico': '' })
  const pages = Object.keys(files).filter((path) => path.endsWith('.html'))
  const addresses = pages.map((path) => server.origin + path)
  try {
    await withPage(`${server.origin}/index.html`, (page) => body(page, addresses))
  } finally {
    await server.close()
  }
}

describe('the documentation site in Chromium', () => {
  siteTest('guides, READMEs and the pages of packages fit a phone', () =>
    withSite(async (page, addresses) => {
      await page.setViewportSize({ width: 390, height: 800 })
      const read = addresses.filter((address) => /\/(documents\/(?!Decisions)|modules\/)|\/index\.html$/.test(address))
      expect(read.length).toBeGreaterThan(30)
      const wide: string[] = []
      for (const address of read) {
        await page.goto(address)
        const pixels = await overflow(page)
        if (pixels > 0) wide.push(`${new URL(address).pathname}: ${pixels} px`)
      }
      expect(wide).toEqual([])
    }),
  )

  siteTest('the search finds the guide before properties of that name', () =>
    withSite(async (page) => {
      const found = async (words: string): Promise<string[]> => {
        await page.reload()
        await page.locator('#tsd-search-trigger').click()
        await page.locator('#tsd-search-input').fill(words)
        await page.locator('#tsd-search-results li').first().waitFor()
        return page.locator('#tsd-search-results li').allTextContents()
      }
      for (const [words, guide] of [
        ['threshold', 'Choose a threshold'],
        ['quick start', 'Quick start'],
        ['few images', 'Inspection with few images'],
        ['paper', 'Reproduce the paper'],
      ] as const) {
        expect([words, (await found(words))[0]?.trim()]).toEqual([words, guide])
      }
    }),
  )
})
