import { describe, expect } from '@jest/globals'
import { build } from 'esbuild'
import * as ortNode from 'onnxruntime-node'
import { browserTest, withPage } from './chromium.ts'
import { inspectParts, type PartsInspection } from './inspect-parts.ts'
import { serve } from './serve.ts'

const here = (name: string): string => new URL(name, import.meta.url).pathname
const ortFile = (name: string): URL => new URL(`../../node_modules/onnxruntime-web/dist/${name}`, import.meta.url)

describe('the whole path in Chromium', () => {
  browserTest('gives the scores that Node gives', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `
          import * as ort from 'onnxruntime-web/wasm'
          import { inspectParts } from './inspect-parts.ts'
          ort.env.wasm.numThreads = 1
          ort.env.wasm.wasmPaths = '/'
          globalThis.inspection = inspectParts(ort)`,
        resolveDir: here('.'),
      },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      conditions: ['@tab/source'],
      write: false,
    })
    const server = await serve({
      '/index.html': '<!doctype html><title>TAB</title><script type="module" src="/page.js"></script>',
      '/page.js': outputFiles[0]?.text ?? '',
      '/favicon.ico': '',
      '/ort-wasm-simd-threaded.mjs': ortFile('ort-wasm-simd-threaded.mjs'),
      '/ort-wasm-simd-threaded.wasm': ortFile('ort-wasm-simd-threaded.wasm'),
    })
    try {
      const inNode = await inspectParts(ortNode)
      await withPage(`${server.origin}/index.html`, async (page) => {
        await page.waitForFunction('globalThis.inspection')
        const inBrowser = await page.evaluate<PartsInspection>('globalThis.inspection')
        expect(inBrowser.pixels).toEqual(inNode.pixels)
        expect(inBrowser.imageAuroc).toBe(inNode.imageAuroc)
        expect(inBrowser.verdicts).toEqual(inNode.verdicts)
        expect(inBrowser.regions.map((some) => some.length)).toEqual(inNode.regions.map((some) => some.length))
        expect(inBrowser.regions.map(([first]) => first?.peakAt)).toEqual(
          inNode.regions.map(([first]) => first?.peakAt),
        )
        expect(Math.abs(inBrowser.threshold / inNode.threshold - 1)).toBeLessThan(1e-3)
        inBrowser.scores.forEach((score, index) => {
          expect(Math.abs(score / (inNode.scores[index] as number) - 1)).toBeLessThan(1e-3)
        })
      })
    } finally {
      await server.close()
    }
  })
})
