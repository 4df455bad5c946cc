import { join } from 'node:path'
import { expect } from '@jest/globals'
import type { Page } from 'playwright-core'
import { axeFindings } from './axe.ts'

/** Takes pictures of the page as it stands where TAB_SCREENSHOTS names a folder, to be looked at. */
async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['TAB_SCREENSHOTS']
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

/** Texts in charts that lie on each other or are cut off by the drawing, as pairs. */
function chartTextClashes(page: Page): Promise<string[]> {
  return page.$$eval('.chart', (charts) =>
    charts.flatMap((chart) => {
      const drawing = (chart.querySelector(':scope > svg') as Element).getBoundingClientRect()
      const texts = [...chart.querySelectorAll(':scope > figcaption, :scope > svg text')].map((element) => ({
        text: element.textContent ?? '',
        isCaption: element.tagName === 'FIGCAPTION',
        box: element.getBoundingClientRect(),
      }))
      const name = texts[0]?.text
      const cut = texts.filter(
        ({ box, isCaption }) =>
          !isCaption &&
          (box.left < drawing.left - 1 ||
            box.right > drawing.right + 1 ||
            box.top < drawing.top - 1 ||
            box.bottom > drawing.bottom + 1),
      )
      const pairs = texts.flatMap((one, index) =>
        texts
          .slice(index + 1)
          .filter(
            ({ box }) =>
              Math.min(one.box.right, box.right) - Math.max(one.box.left, box.left) > 0.5 &&
              Math.min(one.box.bottom, box.bottom) - Math.max(one.box.top, box.top) > 0.5,
          )
          .map((other) => `${name}: "${one.text}" on "${other.text}"`),
      )
      return [...cut.map(({ text }) => `${name}: "${text}" is cut off`), ...pairs]
    }),
  )
}

/** Pixels that the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
}

/** Checks what holds of every page of a report, wide and narrow: no text on another, nothing beyond the edge, and the rules of axe. */
export async function expectGoodLayout(page: Page, name: string): Promise<void> {
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [390, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme })
    await screenshot(page, `${name}-${width}-${colorScheme}`)
    expect([width, await overflow(page)]).toEqual([width, 0])
    expect([width, await chartTextClashes(page), await hiddenCaptions(page)]).toEqual([width, [], []])
    const { found, passed } = await axeFindings(page)
    expect(found).toEqual([])
    expect(passed).toBeGreaterThan(12)
  }
}

/** Captions of tables that are not in sight to their end, though their tables scroll. */
function hiddenCaptions(page: Page): Promise<(string | null)[]> {
  return page.$$eval('caption', (captions) =>
    captions.flatMap((caption) => {
      const text = document.createRange()
      text.selectNodeContents(caption)
      return text.getBoundingClientRect().right > window.innerWidth ? [caption.textContent] : []
    }),
  )
}

/** How much of the width that they have the tables of a page take, least first. */
export function tableWidths(page: Page): Promise<number[]> {
  return page.$$eval('.scroll', (frames) =>
    frames
      .map((frame) => (frame.querySelector('table') as Element).getBoundingClientRect().width / frame.clientWidth)
      .filter((share) => !Number.isNaN(share))
      .sort((one, other) => one - other),
  )
}
