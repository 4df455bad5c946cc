import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from '@jest/globals'
import { chromium, type Page } from 'playwright-core'

const EXECUTABLE = process.env['TAB_CHROMIUM'] ?? '/usr/bin/chromium'
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** `test` where Chromium is installed or required, else a skip that says why. */
export const browserTest: (name: string, body: () => Promise<void>) => void =
  existsSync(EXECUTABLE) || process.env['TAB_BROWSER'] === 'required'
    ? (name, body) => test(name, body, 120_000)
    : (name) => test.skip(`${name} (no Chromium at ${EXECUTABLE}; set TAB_CHROMIUM)`, () => undefined)

/**
 * Opens a page in a fresh profile; fails with whatever the page itself reports as an error or asks of the network elsewhere.
 * @param more arguments of Chromium
 */
export async function withPage(
  url: string,
  body: (page: Page) => Promise<void>,
  more: readonly string[] = [],
): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'tab-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    headless: true,
    args: [...ARGS, ...more],
  })
  try {
    const page = await context.newPage()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url())
      if (protocol.startsWith('http') && origin !== new URL(url).origin) faults.push(`asked ${request.url()}`)
    })
    await page.goto(url)
    await body(page)
    if (faults.length > 0) throw new Error(`the page reported:\n${faults.join('\n')}`)
  } finally {
    await context.close()
    await rm(profile, { recursive: true, force: true })
  }
}
