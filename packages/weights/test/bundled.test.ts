import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tensor, writeSafetensors } from '@tab/core'
import { loadAlignment, loadBackbone, weightsDigest } from '@tab/model'
import { bundledBackbone as fetchBundled } from '@tab/weights'
import {
  bundledAlignment,
  bundledBackbone,
  isModelName,
  loadExtractor,
  readWeights,
  resolveWeights,
} from '@tab/weights/node'
import fc from 'fast-check'
import { BUNDLED_FILES } from '../src/bundled-files.generated.ts'
import { findBundled, requireBundled, type BundledFile } from '../src/bundled/find-bundled.ts'
import { openBundled } from '../src/bundled/open-bundled.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const entry = (id: string): BundledFile => ({ id, byteLength: 1, sha256: '', url: () => new URL(`file:///${id}`) })

describe('a name', () => {
  const files = ['tab-resnet18@9', 'tab-resnet18@10', 'tab-resnet34@1'].map(entry)

  test.each([
    ['tab-resnet18', 'tab-resnet18@10'],
    ['tab-resnet18@9', 'tab-resnet18@9'],
    ['tab-resnet34', 'tab-resnet34@1'],
  ])('%s is %s', (name, id) => {
    expect(findBundled(name, files)?.id).toBe(id)
  })

  test.each([
    './tab-resnet18',
    'tab-resnet18.safetensors',
    'tab/resnet18',
    'tab-resnet',
    'tab-resnet1@8',
    'tab-resnet18@',
    '',
  ])('that bundled weights do not have: %p', (name) => {
    expect(findBundled(name, files)).toBeUndefined()
    expect(() => requireBundled('here', name, files)).toThrow(
      `here: one of tab-resnet18@9, tab-resnet18@10, tab-resnet34@1, got ${name}`,
    )
  })

  test('any text is one of them, none, or a version that is not here', () => {
    const part = fc.constantFrom('tab', '-', 'resnet18', 'resnet34', '@', '1', '9', '10', '/', '.', ' ', '__proto__')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const text = parts.join('')
        const isVersion = /^tab-resnet(18|34)@[1-9]\d*$/.test(text)
        try {
          const found = findBundled(text, files)?.id
          if (found === undefined) expect(isVersion || /^tab-resnet(18|34)$/.test(text)).toBe(false)
          else expect(found === text || found.startsWith(`${text}@`)).toBe(true)
        } catch (error) {
          expect([error, isVersion]).toMatchObject([{ code: 'NOT_FOUND' }, true])
        }
      }),
    )
  })

  test('with a version that is not here is told those that are', () => {
    expect(() => findBundled('tab-resnet18@3', files)).toThrow(
      'tab-resnet18@9 or tab-resnet18@10, as this version of @tab/weights has them, got tab-resnet18@3',
    )
  })
})

describe('the bytes', () => {
  const record = { schema: 'tab.weights-record/1', id: 'x@1' }
  const bytes = writeSafetensors({ w: tensor([9], new Float32Array(9)) }, { 'tab.record': JSON.stringify(record) })
  const file = { ...entry('x@1'), byteLength: bytes.length, sha256: sha256(bytes) }
  const changed = bytes.slice()
  changed[changed.length - 1] = 1

  test('come with the record of their header', async () => {
    expect(await openBundled('here', file, bytes)).toEqual({ id: 'x@1', bytes, record })
  })

  test.each<[string, Uint8Array, string]>([
    ['one that was changed', changed, `here: x@1: a file of SHA-256 ${file.sha256}, got ${sha256(changed)}`],
    ['half of them', bytes.slice(0, 90), `here: x@1: a file of ${bytes.length} bytes, got 90 bytes`],
    ['a page in their place', Buffer.from('<!doctype html><title>Home</title>'), 'got 34 bytes: a web page'],
  ])('%s: refused', async (_, wrong, message) => {
    await expect(openBundled('here', file, wrong)).rejects.toThrow(message)
  })
})

// Weights are added by `npm run weights -- --new`.
const newest = BUNDLED_FILES.at(-1) ?? entry('none@1')
const [name = ''] = newest.id.split('@')

describe('bundled weights', () => {
  let folder: string
  let server: Server
  let address: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tab-bundled-'))
    server = createServer((request, response) => {
      void readFile(newest.url()).then((bytes) => {
        response.statusCode = request.url === '/none' ? 404 : 200
        response.end(request.url === '/weights' ? bytes : '<html>')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })

  test('are read by name, by version and from an address, whole and with their record', async () => {
    const [named, pinned, fetched] = await Promise.all([
      bundledBackbone(name),
      bundledBackbone(newest.id),
      fetchBundled(name, { url: `${address}/weights` }),
    ])
    expect(named.id).toBe(newest.id)
    expect([named, pinned, fetched].map(({ bytes }) => sha256(bytes))).toEqual(Array(3).fill(newest.sha256))
    expect(fetched.record).toEqual(named.record)
    expect(named.record).toMatchObject({ id: newest.id, stored: { dtype: 'float16' } })
  })

  test('that are not at an address are said to be missing', async () => {
    await expect(fetchBundled(name, { url: `${address}/none` })).rejects.toThrow(
      `bundledBackbone: ${newest.id} at ${address}/none, got status 404`,
    )
    await expect(fetchBundled(name, { url: `${address}/page` })).rejects.toThrow('got 6 bytes')
    await expect(fetchBundled(name)).rejects.toThrow('in Node, import bundledBackbone from @tab/weights/node')
    const signal = AbortSignal.abort()
    await expect(fetchBundled(name, { url: `${address}/weights`, signal })).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('open by name; what finds them again is their id', async () => {
    const { extractor, name: told, source } = await loadExtractor(name, ['layer2', 'layer3'])
    extractor.dispose()
    expect([told, source]).toEqual([newest.id, newest.id])
    expect(extractor.layers.map((layer) => layer.name)).toEqual(['layer2', 'layer3'])
    const path = fileURLToPath(newest.url())
    expect(await resolveWeights(newest.id, {})).toEqual({ path, name: newest.id, source: newest.id })
  })

  test('a file or folder of that name comes first', async () => {
    await writeFile(join(folder, name), 'mine')
    expect([isModelName(name), isModelName(name, folder)]).toEqual([true, false])
    const before = process.cwd()
    process.chdir(folder)
    try {
      expect((await resolveWeights(name, {})).path).toBe(name)
      await expect(readWeights(name, 'weights', {})).rejects.toThrow('a .safetensors or .onnx file')
    } finally {
      process.chdir(before)
    }
  })

  test('the record and the card are those of the file', async () => {
    const beside = async (ending: string): Promise<string> =>
      readFile(fileURLToPath(newest.url()).replace(/\.safetensors$/, ending), 'utf8')
    const { record, bytes } = await bundledBackbone(newest.id)
    const { file, alignment, ...noted } = JSON.parse(await beside('.record.json')) as Record<string, unknown>
    expect(noted).toEqual(record)
    expect(file).toMatchObject({ byteLength: bytes.length, sha256: newest.sha256 })
    expect(JSON.parse(await beside('.card.json'))).toMatchObject({ record: { ...noted, file, alignment } })
    expect(await beside('.MODEL_CARD.md')).toContain(newest.sha256)
  })

  test('the alignment is that of the record, of these weights, with the classes of the training', async () => {
    const bytes = await bundledAlignment(name)
    expect(newest.alignment).toEqual({ byteLength: bytes.length, sha256: sha256(bytes) })
    const { backbone, prototypes, patchLayers } = loadAlignment(bytes)
    const { record, bytes: weights } = await bundledBackbone(name)
    expect(backbone).toBe(weightsDigest(loadBackbone(weights).backbone))
    expect([...prototypes.keys()].sort()).toEqual(
      record.data.flatMap(({ classes }) => classes.map((entry) => entry.name)).sort(),
    )
    expect(patchLayers).toEqual(['layer2', 'layer3'])
    await expect(bundledAlignment('tab-resnet50')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
