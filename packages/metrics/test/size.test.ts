import { gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { build } from 'esbuild'

test('a page that imports auroc alone gets less than 2 kB', async () => {
  const { outputFiles } = await build({
    stdin: { contents: `export { auroc } from '@tab/metrics'`, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    conditions: ['@tab/source'],
  })
  const bytes = gzipSync(outputFiles[0]?.contents as Uint8Array).length
  expect(bytes).toBeGreaterThan(500)
  expect(bytes).toBeLessThan(2000)
})
