import { existsSync, readFileSync } from 'node:fs'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { describeTextEmbedder } from '@tab/core/testing'
import { BTAD, encodePrompts, industrialPrompts, KSDD2, MPDD, MVTEC_AD, VISA } from '@tab/prompts'
import { loadTransformers, transformersTextEmbedder, type TransformersLibrary } from '@tab/prompts/transformers'
import { sharedFile, testWithShared } from '../../../test/shared.ts'
import { byteCharacters, clipVocabulary, SMALL_MERGES, writeClipFolder } from './clip-folder.ts'

const LIBRARIES: TransformersLibrary[] = ['@huggingface/transformers', '@xenova/transformers']
const MERGES = 'clip/bpe_simple_vocab_16e6.txt.gz'

/** CLIP's own tokenizer, written out from its published algorithm: lower case, split, bytes, merges by rank. */
function literalTokenizer(merges: readonly string[]): (text: string) => number[] {
  const vocabulary = clipVocabulary(merges)
  const ranks = new Map(merges.map((pair, rank) => [pair, rank]))
  const [printable, characters] = [[...Array(256).keys()], byteCharacters()]
  const ordered = [...printable.filter((b) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174)]
  const order = [...ordered, ...printable.filter((b) => !ordered.includes(b))]
  const characterOf = new Map(order.map((byte, at) => [byte, characters[at] as string]))
  const known = new Map<string, readonly number[]>()
  const wordTokens = (word: string): string[] => {
    let parts = [...Buffer.from(word)].map((byte) => characterOf.get(byte) as string)
    parts[parts.length - 1] += '</w>'
    for (;;) {
      const pairs = parts.slice(1).map((part, i) => ranks.get(`${parts[i]} ${part}`) ?? Infinity)
      const best = Math.min(...pairs)
      if (best === Infinity || pairs.length === 0) return parts
      const merged: string[] = []
      for (let i = 0; i < parts.length; i++) {
        if (pairs[i] === best) merged.push((parts[i] as string) + (parts[++i] as string))
        else merged.push(parts[i] as string)
      }
      parts = merged
    }
  }
  const id = (token: string): number => vocabulary.get(token) as number
  return (text) => {
    const words = text
      .normalize('NFC')
      .replace(/\s+/g, ' ')
      .toLowerCase()
      .match(/'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu)
    const inside = (words ?? []).flatMap((word) => {
      const ids = known.get(word) ?? wordTokens(word).map(id)
      known.set(word, ids)
      return ids
    })
    return [id('<|startoftext|>'), ...inside, id('<|endoftext|>')]
  }
}

const TEXTS = [
  'a photo of a cat',
  'a photo of a damaged screw.',
  'A PHOTO of   leather',
  "it's the operator's glove",
  'a jpeg corrupted photo of a metal nut.',
  'ein Foto einer Prüfung',
  'café',
  'cafe\u0301',
  '照片',
  '🔩 screw',
  'x2000-b/7',
  '12345',
  'printed circuit board without defect',
  'chewing gum',
  'an hourglass, broken',
  'naïve façade',
  'Ω resistor 10kΩ',
  "we'll they've i'd",
  'no.',
  'a'.repeat(90),
  '!!!',
  'под микроскопом',
]

describe.each(LIBRARIES)('transformersTextEmbedder with %s', (library) => {
  let model: string
  beforeAll(async () => {
    model = await writeClipFolder(SMALL_MERGES)
  })
  afterAll(() => rm(dirname(model), { recursive: true }))

  test('embeds to unit vectors, long texts too, and the same again', async () => {
    const embedder = await transformersTextEmbedder({ model, library })
    expect(embedder.dimension).toBe(12)
    expect(embedder.id).toMatch(/^tiny-clip@fp32-[0-9a-f]{16} \(/)
    expect(embedder.id).toContain(`(${library})`)
    const texts = ['a photo of a damaged screw.', 'word '.repeat(200), 'prüfen']
    const { shape, data } = await embedder.embed(texts)
    expect(shape).toEqual([3, 12])
    for (let row = 0; row < 3; row++) {
      const norm = data.subarray(row * 12, row * 12 + 12).reduce((sum, value) => sum + value * value, 0)
      expect(norm).toBeCloseTo(1, 5)
    }
    expect([...(await embedder.embed(texts)).data]).toEqual([...data])
    const raw = (await embedder.embedRaw?.(texts))?.data as Float32Array
    const lengths = [0, 12, 24].map((first) => Math.hypot(...raw.subarray(first, first + 12)))
    for (const [row, length] of lengths.entries()) {
      expect(Math.abs(length - 1)).toBeGreaterThan(1e-3)
      expect((raw[row * 12] as number) / length).toBeCloseTo(data[row * 12] as number, 5)
    }
    const [alone] = [(await embedder.embed([texts[2] as string])).data]
    expect(Math.max(...alone.map((value, i) => Math.abs(value - (data[24 + i] as number))))).toBeLessThan(1e-6)
  })

  test('a folder without its files, and an id that is not there offline, are refused with the reason', async () => {
    const broken = await writeClipFolder(SMALL_MERGES)
    await rm(join(broken, 'onnx/text_model.onnx'))
    await expect(transformersTextEmbedder({ model: broken, library })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('onnx/text_model.onnx'),
    })
    await expect(transformersTextEmbedder({ model: 'nobody/nothing', library, offline: true })).rejects.toThrow(
      'cannot load a CLIP text model from nobody/nothing',
    )
    await writeFile(join(broken, 'tokenizer.json'), '{')
    await expect(transformersTextEmbedder({ model: broken, library })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await rm(dirname(broken), { recursive: true })
  })

  describeTextEmbedder(library, {
    create: () => transformersTextEmbedder({ model, library }),
    runner: { describe, test },
  })

  test('models of one folder name keep apart, at the same time too, and go by their content', async () => {
    const [same, other] = [
      await writeClipFolder(SMALL_MERGES),
      await writeClipFolder(SMALL_MERGES, 12, 'other weights'),
    ]
    const models = [model, other, same, other]
    const embedders = await Promise.all(models.map((folder) => transformersTextEmbedder({ model: folder, library })))
    const [first, second, third, fourth] = embedders.map(({ id }) => id)
    expect([third, fourth]).toEqual([first, second])
    expect(second).not.toBe(first)
    const rows = await Promise.all(embedders.map((embedder) => embedder.embed(['a photo'])))
    expect(rows[2]?.data).toEqual(rows[0]?.data)
    expect(rows[1]?.data).not.toEqual(rows[0]?.data)
    await writeFile(
      join(same, 'tokenizer_config.json'),
      (await readFile(join(same, 'tokenizer_config.json'), 'utf8')) + ' ',
    )
    expect((await transformersTextEmbedder({ model: same, library })).id).not.toBe(first)
    for (const folder of [same, other]) await rm(dirname(folder), { recursive: true })
  })

  test('what exists is a folder, however it is written; what does not is named', async () => {
    const [before, { id }] = [process.cwd(), await transformersTextEmbedder({ model, library })]
    const nested = join(dirname(model), 'owner', 'name')
    await cp(model, nested, { recursive: true })
    process.chdir(dirname(model))
    try {
      for (const text of [
        'tiny-clip',
        './tiny-clip',
        'tiny-clip/',
        join('..', basename(dirname(model)), 'tiny-clip'),
      ]) {
        expect((await transformersTextEmbedder({ model: text, library })).id).toBe(id)
      }
      expect((await transformersTextEmbedder({ model: 'owner/name', library })).id).toMatch(/^name@fp32-/)
      for (const text of ['./none', 'none', '/no/such/folder']) {
        await expect(transformersTextEmbedder({ model: text, library })).rejects.toMatchObject({
          code: 'NOT_FOUND',
          message: expect.stringContaining(`${text}: there is no such folder, and hub models are called owner/name`),
        })
      }
    } finally {
      process.chdir(before)
    }
    await writeFile(join(nested, 'onnx/text_model.onnx'), 'version https://git-lfs.github.com/spec/v1\noid sha256:ab\n')
    await expect(transformersTextEmbedder({ model: nested, library })).rejects.toThrow(
      'onnx/text_model.onnx is a Git LFS pointer',
    )
  })

  test('offline nothing is asked of the network; a model that was downloaded is found, and its id is that of its content', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url as string)
      const file = /^\/owner\/clip\/resolve\/main\/(.+)$/.exec(request.url as string)?.[1] ?? ''
      readFile(join(model, file)).then(
        (content) => response.end(content),
        () => response.writeHead(404).end(),
      )
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    const env = (await loadTransformers(library)).transformers.env as unknown as Record<string, unknown>
    const before = { remoteHost: env['remoteHost'], cacheDir: env['cacheDir'] }
    const cacheDir = join(dirname(model), `cache-${library.replace('/', '-')}`)
    Object.assign(env, { remoteHost: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, cacheDir })
    const settings = { ...env }
    try {
      const missing = {
        code: 'NOT_FOUND',
        message: expect.stringContaining(`not on this disk, and the network must not be used; searched in ${cacheDir}`),
      }
      await expect(transformersTextEmbedder({ model: 'owner/clip', library, offline: true })).rejects.toMatchObject(
        missing,
      )
      for (const name of ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE']) {
        process.env[name] = '1'
        await expect(transformersTextEmbedder({ model: 'owner/clip', library })).rejects.toMatchObject(missing)
        Reflect.deleteProperty(process.env, name)
      }
      expect(asked).toEqual([])
      const [online, folder] = await Promise.all([
        transformersTextEmbedder({ model: 'owner/clip', library }),
        transformersTextEmbedder({ model, library }),
      ])
      expect(asked.length).toBeGreaterThan(3)
      expect(online.id.replace('owner/clip', 'tiny-clip')).toBe(folder.id)
      asked.length = 0
      const offline = await transformersTextEmbedder({ model: 'owner/clip', library, offline: true })
      expect(offline.id).toBe(online.id)
      expect((await offline.embed(['a photo'])).data).toEqual((await online.embed(['a photo'])).data)
      expect(asked).toEqual([])
      expect({ ...env }).toEqual(settings)
    } finally {
      Object.assign(env, before)
      server.closeAllConnections()
      server.close()
    }
  })

  testWithShared(MERGES, 'token ids are those of CLIP', async () => {
    const merges = realMerges()
    const folder = await writeClipFolder(merges)
    const literal = literalTokenizer(merges)
    const loaded = await import(library)
    loaded.env.localModelPath = `${dirname(folder)}/`
    loaded.env.allowLocalModels = true
    const tokenizer = await loaded.AutoTokenizer.from_pretrained('tiny-clip', { local_files_only: true })
    for (const text of TEXTS) {
      const { input_ids: ids } = tokenizer([text], { padding: 'max_length', truncation: true, max_length: 77 })
      const wanted = literal(text)
      const cut = wanted.length > 77 ? [...wanted.slice(0, 76), 49407] : wanted
      const padded = [...cut, ...Array.from({ length: 77 - cut.length }, () => 49407)]
      expect([text, ...Array.from(ids.data as BigInt64Array, Number)]).toEqual([text, ...padded])
    }
    await rm(dirname(folder), { recursive: true })
  })
})

function realMerges(): string[] {
  const lines = gunzipSync(readFileSync(sharedFile(MERGES)))
    .toString('utf8')
    .split('\n')
  return lines.slice(1, 49152 - 256 - 2 + 1)
}

test('both packages give the same prototypes', async () => {
  const model = await writeClipFolder(SMALL_MERGES)
  const prompts = industrialPrompts('screw', { preset: 'winclip' })
  const [one, other] = await Promise.all(
    LIBRARIES.map(async (library) => encodePrompts(prompts, await transformersTextEmbedder({ model, library }))),
  )
  for (const side of ['normal', 'abnormal'] as const) {
    const [a, b] = [one?.[side].vector.data, other?.[side].vector.data] as [Float32Array, Float32Array]
    expect(Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))))).toBeLessThan(1e-5)
  }
  await rm(dirname(model), { recursive: true })
})

testWithShared(MERGES, 'ids that everyone knows, and no prompt over 77 tokens', () => {
  expect(existsSync(sharedFile(MERGES))).toBe(true)
  const tokens = literalTokenizer(realMerges())
  expect(tokens('a photo of a cat')).toEqual([49406, 320, 1125, 539, 320, 2368, 49407])
  for (const vocabulary of [MVTEC_AD, BTAD, KSDD2, VISA, MPDD]) {
    for (const name of Object.keys(vocabulary)) {
      for (const preset of ['tab', 'industrial'] as const) {
        const { normal, abnormal } = industrialPrompts(name, { vocabulary, preset })
        const longest = Math.max(...[...normal, ...abnormal].map((prompt) => tokens(prompt).length))
        expect(longest).toBeLessThanOrEqual(77)
      }
    }
  }
})
