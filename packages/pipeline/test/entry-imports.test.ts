import { isBuiltin } from 'node:module'
import { join, resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { build } from 'esbuild'

const PEERS = ['@tensorflow/*', '@huggingface/transformers', '@xenova/*', 'onnxruntime-*', 'sharp', 'webgpu']

/** What importing an entry loads at once: packages and built-in modules, by following the sources but no `import()`. */
async function loadedBy(entry: string): Promise<Set<string>> {
  const { metafile } = await build({
    entryPoints: [join(import.meta.dirname, '../src', entry)],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@tab/source'],
    external: [...PEERS, '@huggingface/hub'],
    outdir: 'unwritten',
    write: false,
    metafile: true,
  })
  const seen = new Set<string>()
  const loaded = new Set<string>()
  const follow = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const { path, kind, external } of metafile.inputs[file]?.imports ?? []) {
      if (kind === 'dynamic-import') continue
      if (external) loaded.add(path)
      else follow(path)
    }
  }
  // What is imported on demand is an entry of its own chunk too.
  const path = join(import.meta.dirname, '../src', entry)
  const first = Object.values(metafile.outputs).find(({ entryPoint = '' }) => resolve(entryPoint) === path)?.entryPoint
  follow(first as string)
  expect(seen.size).toBeGreaterThan(50)
  return loaded
}

describe('importing @tab/pipeline', () => {
  test('/node loads neither an engine nor a decoder before a task needs it', async () => {
    const loaded = [...(await loadedBy('node/index.ts'))].filter((name) => !isBuiltin(name))
    expect(loaded).toEqual(['@huggingface/hub'])
  })

  test('the command loads no engine before a task needs it', async () => {
    const loaded = [...(await loadedBy('../../cli/src/bin.ts'))].filter((name) => !isBuiltin(name))
    expect(loaded).toEqual(['@huggingface/hub', 'sharp'])
  })

  test.each(['index.ts', 'browser/index.ts'])('%s loads nothing that a browser lacks', async (entry) => {
    expect([...(await loadedBy(entry))]).toEqual([])
  })
})
