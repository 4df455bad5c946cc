import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect } from '@jest/globals'
import { build } from 'esbuild'
import * as ortNode from 'onnxruntime-node'
import { KEPT, type KeptScore } from '../parity/fixture-scores.ts'
import { browserTest, withPage } from './chromium.ts'
import { inspectParts, type PartsInspection } from './inspect-parts.ts'
import { serve, type Routes } from './serve.ts'

const here = (name: string): string => new URL(name, import.meta.url).pathname
const ortFile = (name: string): URL => new URL(`../../node_modules/onnxruntime-web/dist/${name}`, import.meta.url)

/** A page that puts what a program computes on ONNX Runtime's WebAssembly into `globalThis.found`, and more files for it. */
async function pageOf(imports: string, computed: string, more: Routes = {}): Promise<Routes> {
  const contents = `
    import * as ort from 'onnxruntime-web/wasm'
    ${imports}
    ort.env.wasm.numThreads = 1
    ort.env.wasm.wasmPaths = '/'
    globalThis.found = ${computed}`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here('.') },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@tab/source'],
    write: false,
  })
  return {
    ...more,
    '/index.html': '<!doctype html><title>TAB</title><script type="module" src="/page.js"></script>',
    '/page.js': outputFiles[0]?.text ?? '',
    '/favicon.ico': '',
    '/ort-wasm-simd-threaded.mjs': ortFile('ort-wasm-simd-threaded.mjs'),
    '/ort-wasm-simd-threaded.wasm': ortFile('ort-wasm-simd-threaded.wasm'),
  }
}

/** What the page computed. */
async function foundBy<T>(routes: Routes): Promise<T> {
  const server = await serve(routes)
  let found: T | undefined
  try {
    await withPage(`${server.origin}/index.html`, async (page) => {
      await page.waitForFunction('globalThis.found')
      found = await page.evaluate<T>('globalThis.found')
    })
  } finally {
    await server.close()
  }
  return found as T
}

describe('the whole path in Chromium', () => {
  browserTest('gives the scores that Node gives', async () => {
    const inNode = await inspectParts(ortNode)
    const routes = await pageOf(`import { inspectParts } from './inspect-parts.ts'`, 'inspectParts(ort)')
    const inBrowser = await foundBy<PartsInspection>(routes)
    expect(inBrowser.pixels).toEqual(inNode.pixels)
    expect(inBrowser.imageAuroc).toBe(inNode.imageAuroc)
    expect(inBrowser.verdicts).toEqual(inNode.verdicts)
    expect(inBrowser.regions.map((some) => some.length)).toEqual(inNode.regions.map((some) => some.length))
    expect(inBrowser.regions.map(([first]) => first?.peakAt)).toEqual(inNode.regions.map(([first]) => first?.peakAt))
    expect(Math.abs(inBrowser.threshold / inNode.threshold - 1)).toBeLessThan(1e-3)
    inBrowser.scores.forEach((score, index) => {
      expect(Math.abs(score / (inNode.scores[index] as number) - 1)).toBeLessThan(1e-3)
    })
  })

  browserTest('opens the detector files of every version, which score as they did', async () => {
    const fixtures = new URL('../parity/fixtures/', import.meta.url)
    for (const version of readdirSync(fixtures)) {
      const at = (name: string): URL => new URL(`${version}/${name}`, fixtures)
      const files = ['backbone.onnx', ...KEPT.map((name) => `${name}.safetensors`)]
      const routes = await pageOf(
        `import { openInspector } from '@tab/pipeline'
        import { KEPT, scoresOf } from '../parity/fixture-scores.ts'
        const bytes = async (name) => new Uint8Array(await (await fetch('/' + name)).arrayBuffer())
        async function scores() {
          const backbone = await bytes('backbone.onnx')
          const found = {}
          for (const name of KEPT) {
            found[name] = await scoresOf(await openInspector({ detector: await bytes(name + '.safetensors'), backbone, ort }))
          }
          return found
        }`,
        'scores()',
        Object.fromEntries(files.map((name) => [`/${name}`, at(name)])),
      )
      const found = await foundBy<Readonly<Record<string, KeptScore[]>>>(routes)
      const wanted = JSON.parse(readFileSync(at('scores.json'), 'utf8')) as typeof found
      expect(Object.keys(found)).toEqual([...KEPT])
      for (const name of KEPT) {
        const numbers = (scores: readonly KeptScore[] = []): number[] =>
          scores.flatMap(({ score, map }) => [score, ...map])
        const largest = Math.max(...numbers(wanted[name]))
        const differences = numbers(found[name]).map((value, i) => Math.abs(value - (numbers(wanted[name])[i] ?? NaN)))
        expect([name, Math.max(...differences) / largest < 1e-5]).toEqual([name, true])
      }
    }
  })
})
