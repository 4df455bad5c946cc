import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readSafetensors, tensor, writeSafetensors, type Tensor, type TextEmbedder } from '@tab/core'
import { describeTextEmbedder } from '@tab/core/testing'
import {
  embeddingTable,
  encodePrompts,
  industrialPrompts,
  lexicalTextEmbedder,
  loadEmbeddingTable,
  loadPrototypes,
  makeEmbeddingTable,
  memoryCache,
  saveEmbeddingTable,
  savePrototypes,
} from '@tab/prompts'
import { diskCache } from '@tab/prompts/node'
import { sharedFile, testWithShared } from '../../../test/shared.ts'

/** Fixed vectors by text, not of length 1, which are its raw ones too. */
function fixed(vectors: Record<string, number[]>): TextEmbedder & { calls: number } {
  const embedder = {
    id: 'fixed',
    dimension: 2,
    calls: 0,
    async embed(texts: readonly string[]) {
      embedder.calls++
      return tensor([texts.length, 2], Float32Array.from(texts.flatMap((text) => vectors[text] as number[])))
    },
    embedRaw: async (texts: readonly string[]) => embedder.embed(texts),
    dispose: () => undefined,
  }
  return embedder
}

const prompts = { normal: ['a', 'b'], abnormal: ['c'] }
const vectors = { a: [3, 0], b: [0, 1], c: [0, -2] }

describe('encodePrompts', () => {
  test('by hand: normalised first, or raw first', async () => {
    const normalised = await encodePrompts(prompts, fixed(vectors))
    expect(normalised.normal.vector.data[0]).toBeCloseTo(Math.SQRT1_2, 6)
    expect(normalised.normal).toMatchObject({ count: 2, concentration: expect.closeTo(Math.SQRT1_2, 6) })
    expect([...normalised.abnormal.vector.data]).toEqual([0, -1])
    expect(normalised.cosine).toBeCloseTo(-Math.SQRT1_2, 6)
    const raw = await encodePrompts(prompts, fixed(vectors), { average: 'raw' })
    expect(raw.normal.vector.data[0]).toBeCloseTo(3 / Math.sqrt(10), 6)
    expect(raw.embedder).toBe('fixed')
  })

  test('raw averages are refused for an embedder without raw embeddings, and weigh longer vectors more for one that normalises', async () => {
    const { id, dimension, embed, dispose } = fixed(vectors)
    await expect(encodePrompts(prompts, { id, dimension, embed, dispose }, { average: 'raw' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: "encodePrompts: an embedder with embedRaw for average 'raw', got fixed",
    })
    const table = embeddingTable({
      id: 'table',
      texts: ['a', 'b', 'c'],
      embeddings: tensor([3, 2], Float32Array.of(3, 0, 0, 1, 0, -2)),
    })
    expect([...(await table.embed(['a', 'b'])).data]).toEqual([1, 0, 0, 1])
    const raw = await encodePrompts(prompts, table, { average: 'raw' })
    expect(raw.normal.vector.data[0]).toBeCloseTo(3 / Math.sqrt(10), 6)
    const even = await encodePrompts(prompts, table)
    expect(even.normal.vector.data[0]).toBeCloseTo(Math.SQRT1_2, 6)
    const ensemble = industrialPrompts('screw', { preset: 'winclip' })
    const lexical = lexicalTextEmbedder()
    const ways = {
      raw: await encodePrompts(ensemble, lexical, { average: 'raw' }),
      unit: await encodePrompts(ensemble, lexical),
    }
    expect(ways.raw.normal.vector).not.toEqual(ways.unit.normal.vector)
  })

  test('batches of any size give the same, and progress and abort work', async () => {
    const ensemble = industrialPrompts('screw', { preset: 'winclip' })
    const embedder = lexicalTextEmbedder()
    const whole = await encodePrompts(ensemble, embedder)
    const seen: number[] = []
    const small = await encodePrompts(ensemble, embedder, { batchSize: 50, onProgress: ({ done }) => seen.push(done) })
    expect(small).toEqual(whole)
    expect(seen).toEqual([50, 100, 150, 154, 204, 242])
    await expect(encodePrompts(ensemble, embedder, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    })
  })

  test.each<[string, TextEmbedder, string]>([
    ['NaN', fixed({ ...vectors, b: [NaN, 0] }), 'embeddings must be finite and not zero'],
    ['a zero vector', fixed({ ...vectors, b: [0, 0] }), 'a vector of length 0'],
    ['another dimension', { ...fixed(vectors), dimension: 3 }, 'embeddings must be [2,3], got [2,2]'],
    [
      'too few rows',
      { ...fixed(vectors), embed: async () => tensor([1, 2], Float32Array.of(1, 0)) },
      'embeddings must be [2,2], got [1,2]',
    ],
    ['vectors that cancel out', fixed({ ...vectors, a: [0, -1] }), 'cancel out'],
  ])('refuses an embedder that gives %s', async (_, embedder, message) => {
    await expect(encodePrompts(prompts, embedder)).rejects.toThrow(message)
  })

  test('refuses a side without prompts', async () => {
    await expect(encodePrompts({ normal: ['a'], abnormal: [] }, fixed(vectors))).rejects.toThrow(
      'abnormal prompts, got none',
    )
  })
})

describe('caches', () => {
  test('in memory: embeds once, and again for other prompts or another average', async () => {
    const [cache, embedder] = [memoryCache(), fixed(vectors)]
    const first = await encodePrompts(prompts, embedder, { cache })
    expect(await encodePrompts(prompts, embedder, { cache })).toEqual(first)
    expect(embedder.calls).toBe(2)
    await encodePrompts(prompts, embedder, { cache, average: 'raw' })
    await encodePrompts({ ...prompts, normal: ['b'] }, embedder, { cache })
    expect(embedder.calls).toBe(6)
  })

  test('on disk: an entry under the name of another key is not that key', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tab-prompts-'))
    const [one, other] = [fixed(vectors), { ...fixed({ ...vectors, a: [0, 2] }), id: 'other' }]
    const first = await encodePrompts(prompts, one, { cache: diskCache(folder) })
    const second = await encodePrompts(prompts, other, { cache: diskCache(folder) })
    expect([first.embedder, second.embedder, second.normal.concentration]).toEqual(['fixed', 'other', 1])
    const names = await readdir(folder)
    expect(names).toHaveLength(2)
    const contents = await Promise.all(names.map((name) => readFile(join(folder, name))))
    await writeFile(join(folder, names[0] as string), contents[1] as Buffer)
    await writeFile(join(folder, names[1] as string), contents[0] as Buffer)
    expect(await encodePrompts(prompts, one, { cache: diskCache(folder) })).toEqual(first)
    expect(await encodePrompts(prompts, other, { cache: diskCache(folder) })).toEqual(second)
    await rm(folder, { recursive: true })
  })

  test('on disk: outlives the process, and a damaged entry is made anew', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tab-prompts-'))
    const embedder = fixed(vectors)
    const first = await encodePrompts(prompts, embedder, { cache: diskCache(folder) })
    expect(await encodePrompts(prompts, embedder, { cache: diskCache(folder) })).toEqual(first)
    expect(embedder.calls).toBe(2)
    const [name] = await readdir(folder)
    const path = join(folder, name as string)
    const bytes = await readFile(path)
    for (const damage of [
      bytes.subarray(0, 100),
      Buffer.alloc(0),
      flipped(bytes, bytes.length - 3),
      flipped(bytes, 5),
    ]) {
      await writeFile(path, damage)
      const before = embedder.calls
      expect(await encodePrompts(prompts, embedder, { cache: diskCache(folder) })).toEqual(first)
      expect(embedder.calls).toBe(before + 2)
      expect((await readFile(path)).equals(bytes)).toBe(true)
    }
    expect(await readdir(folder)).toEqual([name])
    await rm(folder, { recursive: true })
  })
})

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] as number) ^ 1
  return copy
}

describe('files', () => {
  test('prototypes come back as they were; another file is refused', async () => {
    const prototypes = await encodePrompts(prompts, fixed(vectors))
    expect(loadPrototypes(savePrototypes(prototypes))).toEqual(prototypes)
    const table = saveEmbeddingTable(await makeEmbeddingTable(lexicalTextEmbedder(), ['a']))
    expect(() => loadPrototypes(table)).toThrow('a file of schema tab.text-prototypes/1, got tab.text-embeddings/1')
  })

  test('prototypes that are not finite, and a table whose texts are no list, are refused', async () => {
    const wrong = await encodePrompts(prompts, fixed(vectors))
    wrong.normal.vector.data[1] = NaN
    expect(() => loadPrototypes(savePrototypes(wrong))).toThrow('got a vector "normal" that holds NaN')
    for (const texts of ['[', '{}', '[1]']) {
      const metadata = { schema: 'tab.text-embeddings/1', id: 'x', texts }
      const file = writeSafetensors({ embeddings: tensor([1, 2], Float32Array.of(1, 0)) }, metadata)
      expect(() => loadEmbeddingTable(file)).toThrow(`a list of texts, got ${texts}`)
    }
  })

  test('prototypes of two lengths, and numbers that are none, are refused', async () => {
    const prototypes = await encodePrompts(prompts, fixed(vectors))
    const short = { ...prototypes.normal, vector: tensor([1], Float32Array.of(1)) }
    expect(() => loadPrototypes(savePrototypes({ ...prototypes, normal: short }))).toThrow('got vectors of two lengths')
    for (const wrong of ['1e999', 'null', '{}']) {
      const { entries, metadata } = readSafetensors(savePrototypes(prototypes))
      const numbers = (metadata['numbers'] as string).replace(/"cosine":[-\d.e]+/, `"cosine":${wrong}`)
      const vector = (name: string) => entries.get(name)?.toTensor() as Tensor
      const tensors = { normal: vector('normal'), abnormal: vector('abnormal') }
      expect(() => loadPrototypes(writeSafetensors(tensors, { ...metadata, numbers }))).toThrow('got no numbers')
    }
  })

  test('a table embeds as the embedder it was made with, without it', async () => {
    const embedder = lexicalTextEmbedder({ dimension: 16 })
    const ensemble = industrialPrompts('screw', { preset: 'winclip' })
    const bytes = saveEmbeddingTable(await makeEmbeddingTable(embedder, [...ensemble.normal, ...ensemble.abnormal]))
    const table = embeddingTable(loadEmbeddingTable(bytes))
    expect(table).toMatchObject({ id: embedder.id, dimension: 16 })
    const [direct, looked] = [await encodePrompts(ensemble, embedder), await encodePrompts(ensemble, table)]
    expect(looked.cosine).toBeCloseTo(direct.cosine, 6)
    await expect(table.embed(['unknown'])).rejects.toThrow('one of its 242 texts, got "unknown"')
    expect(() => embeddingTable({ id: 'x', texts: ['a'], embeddings: tensor([2, 2], new Float32Array(4)) })).toThrow(
      'embeddings must be float32 [1,D], got [2,2]',
    )
    expect(() => embeddingTable({ id: 'x', texts: ['a'], embeddings: tensor([1, 2], new Float32Array(2)) })).toThrow(
      'a row of length 0',
    )
  })
})

const runner = { describe, test }
const TABLE = ['a', 'b', 'c']
describeTextEmbedder('lexical', { create: lexicalTextEmbedder, runner })
describeTextEmbedder('a table', {
  create: async () => embeddingTable(await makeEmbeddingTable(lexicalTextEmbedder(), TABLE)),
  texts: TABLE,
  runner,
})

describe('lexicalTextEmbedder', () => {
  test('the id tells dimensions and vectors apart', async () => {
    const ids = [16, 64, 65].map((dimension) => lexicalTextEmbedder({ dimension }).id)
    expect(ids[1]).toMatch(/^lexical-without-semantics-64-[0-9a-f]{16}$/)
    expect(new Set(ids).size).toBe(3)
    const [first, second] = (await lexicalTextEmbedder().embed(['a damaged screw'])).data
    const bits = Buffer.from((ids[1] as string).slice(-16), 'hex')
    expect([bits.readFloatBE(0), bits.readFloatBE(4)]).toEqual([first, second])
  })

  test('unit vectors, near for words in common, the same every time', async () => {
    const embedder = lexicalTextEmbedder()
    const texts = ['a damaged screw', 'a damaged nut', 'flawless leather', '']
    const { data } = await embedder.embed(texts)
    const cosine = (a: number, b: number): number =>
      data.subarray(a * 64, a * 64 + 64).reduce((sum, value, i) => sum + value * (data[b * 64 + i] as number), 0)
    for (const row of texts.keys()) expect(cosine(row, row)).toBeCloseTo(1, 5)
    expect(cosine(0, 1)).toBeGreaterThan(cosine(0, 2) + 0.2)
    expect([...(await lexicalTextEmbedder().embed(texts)).data]).toEqual([...data])
    expect(embedder.id).toContain('without-semantics')
  })
})

const REAL = 'clip/clip-rn50-text-lvis.safetensors'
testWithShared(REAL, 'real embeddings: neighbours are sensible, prototypes equal a direct computation', async () => {
  const names: string[] = JSON.parse(readFileSync(sharedFile('clip/clip-rn50-text-lvis.names.json'), 'utf8'))
  const [entry] = [...readSafetensors(new Uint8Array(readFileSync(sharedFile(REAL)))).entries.values()]
  const embeddings = entry?.toTensor() as Tensor
  const dimension = embeddings.shape[1] as number
  const texts = names.map((name) => `a ${name}`)
  const table = embeddingTable({ id: 'clip-rn50', texts, embeddings })
  const { data } = await table.embed(texts)
  const row = (name: string): Float32Array => {
    const at = names.indexOf(name)
    return data.subarray(at * dimension, (at + 1) * dimension)
  }
  const nearest = (name: string): string[] => {
    const own = row(name)
    const similarity = names.map((_, at) =>
      own.reduce((sum, value, i) => sum + value * (data[at * dimension + i] as number), 0),
    )
    const order = [...names.keys()].sort((a, b) => (similarity[b] as number) - (similarity[a] as number))
    return order.slice(0, 6).map((at) => names[at] as string)
  }
  expect(nearest('truck').slice(1)).toEqual(expect.arrayContaining([expect.stringMatching(/truck|trailer|van|car/)]))
  expect(nearest('dog')).toEqual(expect.arrayContaining([expect.stringMatching(/puppy|cat|shepherd|dog collar/)]))
  expect(nearest('apple').slice(1)).toEqual(
    expect.arrayContaining([expect.stringMatching(/pear|peach|orange|fruit|apple/)]),
  )

  const ensemble = { normal: ['a apple', 'a pear'].filter((text) => texts.includes(text)), abnormal: ['a truck'] }
  const prototypes = await encodePrompts(ensemble, table)
  const unit = (name: string): number[] => {
    const at = names.indexOf(name)
    const values = [...embeddings.data.subarray(at * dimension, (at + 1) * dimension)]
    const norm = Math.hypot(...values)
    return values.map((value) => value / norm)
  }
  const sum = ensemble.normal
    .map((text) => unit(text.slice(2)))
    .reduce((a, b) => a.map((value, i) => value + (b[i] as number)))
  const norm = Math.hypot(...sum)
  prototypes.normal.vector.data.forEach((value, i) =>
    expect(Math.abs(value - (sum[i] as number) / norm)).toBeLessThan(1e-6),
  )
})
