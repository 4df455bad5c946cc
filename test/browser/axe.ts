import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** The rules of axe that the page breaks as it stands, with the first element of each, and how many it passes. */
export async function axeFindings(page: Page): Promise<{ found: unknown[]; passed: number }> {
  // Evaluated, not added: a page with a strict policy refuses inline scripts.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(await readFile(AXE, 'utf8'))
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } }
    const { violations, passes } = await axe.run()
    return { found: violations.map(({ id, nodes }) => [id, nodes[0]?.html]), passed: passes.length }
  })
}
