import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import { fitInspector } from '@tab/pipeline/node'
import { browserTest, withPage } from './chromium.ts'
import { filesOf, serve } from './serve.ts'
import { good, spotted } from './vite-page/parts.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-vite-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('a page of Vite that names no backbone', () => {
  browserTest(
    'fetches the bundled one from its own server, for the fit and for the file, and scores as Node does',
    async () => {
      const vite = here('../../node_modules/vite/bin/vite.js')
      await promisify(execFile)(process.execPath, [
        vite,
        'build',
        here('vite-page'),
        '--outDir',
        folder,
        '--emptyOutDir',
      ])
      const server = await serve(await filesOf(folder))
      try {
        await withPage(`${server.origin}/index.html`, async (page) => {
          await page.waitForFunction('globalThis.inspection')
          const inspection = await page.evaluate<{ verdict: string; score: number }>('globalThis.inspection')
          const inNode = await fitInspector({ images: good, preparation: { size: [64, 64] } })
          const wanted = await inNode.inspect(spotted)
          inNode.dispose()
          expect(inspection.verdict).toBe('anomalous')
          expect(wanted.verdict).toBe('anomalous')
          expect(Math.abs(inspection.score / (wanted.score ?? NaN) - 1)).toBeLessThan(1e-3)
        })
      } finally {
        await server.close()
      }
    },
  )
})
