import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tensor, tensorOf, type TabError } from '@tab/core'
import { ensureClose, ensureIdentical, randomTensor } from '@tab/core/testing'
import { prefetch, type Sample } from '@tab/data'
import {
  imageBatches,
  openDataset,
  readImage,
  readMask,
  readPrepared,
  writeImage,
  writeMask,
  writeSyntheticDataset,
} from '@tab/data/node'
import sharp from 'sharp'
import { sharedFile, testWithShared } from '../../../test/shared.ts'

const bitmaps = JSON.parse(await readFile(new URL('./golden/bitmaps.json', import.meta.url), 'utf8')) as {
  name: string
  file: string
  pixels: number[]
}[]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-data-'))
})
afterAll(() => rm(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)

/** Red, green; blue, white. */
const FOUR = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255)
const four = () => sharp(FOUR, { raw: { width: 2, height: 2, channels: 3 } })
const wanted = tensor(
  [2, 2, 3],
  Float32Array.from(FOUR, (value) => value / 255),
)

describe('readImage', () => {
  test.each(['png', 'tiff', 'webp'] as const)('%s, lossless', async (format) => {
    await four()
      .toFormat(format, { lossless: true, compression: 'lzw' } as object)
      .toFile(at(`four.${format}`))
    ensureIdentical(format, await readImage(at(`four.${format}`)), wanted)
  })

  test.each(bitmaps)('bmp, $name, as Pillow reads it', async ({ name, file, pixels }) => {
    await writeFile(at('bitmap.bmp'), Buffer.from(file, 'base64'))
    const values = Float32Array.from(pixels, (value) => value / 255)
    ensureIdentical(name, await readImage(at('bitmap.bmp')), tensor([3, 7, 3], values))
    const mask = Uint8Array.from({ length: 21 }, (_, i) => (pixels.slice(i * 3, i * 3 + 3).some(Boolean) ? 1 : 0))
    ensureIdentical(name, await readMask(at('bitmap.bmp')), tensorOf('uint8', [3, 7], mask))
  })

  test('jpeg, and its EXIF orientation', async () => {
    const wide = Uint8Array.from({ length: 16 * 32 * 3 }, (_, index) => (Math.floor(index / 3) % 32 < 16 ? 250 : 10))
    const picture = sharp(wide, { raw: { width: 32, height: 16, channels: 3 } })
    await picture.clone().jpeg({ quality: 100 }).toFile(at('plain.jpg'))
    await picture.clone().jpeg({ quality: 100 }).withMetadata({ orientation: 6 }).toFile(at('turned.jpg'))
    const [plain, turned] = [await readImage(at('plain.jpg')), await readImage(at('turned.jpg'))]
    expect([plain.shape, turned.shape]).toEqual([
      [16, 32, 3],
      [32, 16, 3],
    ])
    // Orientation 6: turn a quarter clockwise; the bright left side comes to the top.
    expect(turned.data[0]).toBeGreaterThan(0.9)
    expect(turned.data.at(-1)).toBeLessThan(0.1)
    expect(plain.data[31 * 3]).toBeLessThan(0.1)
  })

  test('grey is repeated, 16 bits are kept, transparency is dropped, CMYK becomes RGB', async () => {
    await sharp(Uint8Array.of(0, 51, 102, 255), { raw: { width: 2, height: 2, channels: 1 } })
      .png()
      .toFile(at('grey.png'))
    expect([...(await readImage(at('grey.png'))).data.slice(3, 9)]).toEqual(
      [51, 51, 51, 102, 102, 102].map((v) => Math.fround(v / 255)),
    )

    const deep = Uint16Array.of(1, 300, 65535, 40000, 0, 12345)
    await sharp(deep, { raw: { width: 2, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toFile(at('deep.png'))
    expect([...(await readImage(at('deep.png'))).data]).toEqual([...deep].map((value) => Math.fround(value / 65535)))

    const deepGrey = Uint16Array.of(1, 65535, 40000, 7)
    await sharp(deepGrey, { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toFile(at('grey16.png'))
    const greys = (await readImage(at('grey16.png'))).data
    expect([0, 3, 6, 9].map((index) => greys[index])).toEqual([...deepGrey].map((value) => Math.fround(value / 65535)))

    await sharp(Uint8Array.of(200, 100, 50, 0, 10, 20, 30, 128), { raw: { width: 2, height: 1, channels: 4 } })
      .png()
      .toFile(at('alpha.png'))
    expect([...(await readImage(at('alpha.png'))).data].map((value) => Math.round(value * 255))).toEqual([
      200, 100, 50, 10, 20, 30,
    ])

    await four()
      .resize(16, 16, { kernel: 'nearest' })
      .toColourspace('cmyk')
      .jpeg({ quality: 100 })
      .toFile(at('cmyk.jpg'))
    expect((await readImage(at('cmyk.jpg'))).shape).toEqual([16, 16, 3])
  })

  test('names the file that is missing, empty, truncated or no image', async () => {
    await expect(readImage(at('nowhere.png'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('nowhere.png does not exist'),
    })
    await expect(readImage(folder)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('cannot be read'),
    })
    await writeFile(at('empty.png'), '')
    await writeFile(at('text.png'), 'hello')
    await writeFile(at('fake.bmp'), 'BM and nothing')
    await four().resize(200, 200).png().toFile(at('whole.png'))
    const bytes = await sharp(randomTensor('noise', [64, 64, 3]).data.map((v) => v * 255) as never, {
      raw: { width: 64, height: 64, channels: 3 },
    })
      .png()
      .toBuffer()
    await writeFile(at('truncated.png'), bytes.subarray(0, bytes.length / 2))
    for (const name of ['empty.png', 'text.png', 'fake.bmp', 'truncated.png']) {
      await expect(readImage(at(name))).rejects.toMatchObject({
        code: 'INVALID_DATA',
        message: expect.stringContaining(name),
      })
    }
  })

  test('what is written is read: images to 8 bits, masks exactly', async () => {
    const image = randomTensor('image', [5, 7, 3])
    await writeImage(at('new/image.png'), image)
    ensureClose('image', await readImage(at('new/image.png')), image, { absolute: 0.5001 / 255, relative: 0 })
    const mask = tensorOf('uint8', [2, 3], Uint8Array.of(0, 1, 0, 1, 1, 0))
    await writeMask(at('new/mask.png'), mask)
    ensureIdentical('mask', await readMask(at('new/mask.png')), mask)
    expect((await readdir(at('new'))).sort()).toEqual(['image.png', 'mask.png'])
  })
})

describe('readMask', () => {
  const square = Uint8Array.from({ length: 32 * 32 }, (_, i) =>
    i % 32 >= 11 && i % 32 < 21 && i > 352 && i < 672 ? 255 : 0,
  )
  const picture = () => sharp(square, { raw: { width: 32, height: 32, channels: 1 } })

  test.each(['jpeg', 'webp'] as const)(
    'a lossy %s: what is at least half white, not what is not quite black',
    async (suffix) => {
      await picture()
        .toFormat(suffix, { quality: 60 })
        .toFile(at(`mask.${suffix}`))
      const stored = await readImage(at(`mask.${suffix}`))
      expect(stored.data.filter((value, i) => square[Math.floor(i / 3)] === 0 && value > 0).length).toBeGreaterThan(50)
      const mask = await readMask(at(`mask.${suffix}`))
      const wrong = mask.data.filter((value, i) => value !== (square[i] === 255 ? 1 : 0)).length
      expect(wrong).toBeLessThan(8) // on its edge
    },
  )

  test.each(['png', 'webp'] as const)(
    'a lossless %s: any value but 0, as defect classes are numbered',
    async (suffix) => {
      const classes = Uint8Array.of(0, 1, 2, 7, 0, 255)
      await sharp(classes, { raw: { width: 3, height: 2, channels: 1 } })
        .toFormat(suffix, { lossless: true } as object)
        .toFile(at(`classes.${suffix}`))
      expect([...(await readMask(at(`classes.${suffix}`))).data]).toEqual([0, 1, 1, 1, 0, 1])
    },
  )
})

describe('openDataset and imageBatches', () => {
  let root: string
  const spoilt = async (name: string): Promise<string> => {
    await cp(root, at(name), { recursive: true })
    return at(name)
  }
  beforeAll(async () => {
    root = at('tablets')
    await writeSyntheticDataset(root, {
      part: 'tablet',
      size: [48, 40],
      seed: 2,
      train: 5,
      good: 2,
      perDefect: 2,
      defects: ['dent', 'stain'],
    })
  })

  test('lists the samples in order, with labels, defects and masks', async () => {
    const { name, samples } = await openDataset(root)
    expect(name).toBe('tablets')
    expect(samples.map(({ id }) => id)).toEqual([
      ...[0, 1, 2, 3, 4].map((i) => `train/good/00${i}.png`),
      ...['dent', 'good', 'stain'].flatMap((defect) => [0, 1].map((i) => `test/${defect}/00${i}.png`)),
    ])
    const stain = samples.at(-1) as Sample
    expect(stain).toMatchObject({ split: 'test', label: 1, defect: 'stain' })
    expect(stain.maskPath).toContain(join('ground_truth', 'stain', '001_mask.png'))
    expect(samples.filter(({ maskPath }) => maskPath === undefined)).toHaveLength(7)
  })

  test('batches hold the prepared images in order, whatever is read ahead', async () => {
    const { samples } = await openDataset(root)
    for (const concurrency of [1, 7]) {
      const seen: string[] = []
      for await (const batch of imageBatches(samples, { size: [32, 24], batchSize: 4, concurrency })) {
        const count = batch.samples.length
        expect([batch.images.shape, batch.masks.shape]).toEqual([
          [count, 32, 24, 3],
          [count, 32, 24],
        ])
        for (const [index, sample] of batch.samples.entries()) {
          const { image, mask } = await readPrepared(sample, { size: [32, 24] })
          expect(batch.images.data.slice(index * 2304, (index + 1) * 2304)).toEqual(image.data)
          expect(mask.data.includes(1)).toBe(sample.label === 1)
          seen.push(sample.id)
        }
      }
      expect(seen).toEqual(samples.map(({ id }) => id))
    }
  })

  test('an unreadable image is an error that names it, or is skipped and told', async () => {
    const broken = await spoilt('broken')
    await writeFile(join(broken, 'train/good/001.png'), 'not an image')
    const { samples } = await openDataset(broken)
    const options = { size: [32, 32], batchSize: 2 } as const
    const run = async (onUnreadable?: (sample: Sample, error: TabError) => void): Promise<number> => {
      let count = 0
      for await (const batch of imageBatches(samples, { ...options, ...(onUnreadable ? { onUnreadable } : {}) }))
        count += batch.samples.length
      return count
    }
    await expect(run()).rejects.toThrow(join('train', 'good', '001.png'))
    const skipped: string[] = []
    expect(await run((sample, error) => skipped.push(`${sample.id} ${error.code}`))).toBe(10)
    expect(skipped).toEqual(['train/good/001.png INVALID_DATA'])
  })

  test('a mask of another size than its image is refused by both names', async () => {
    const odd = await spoilt('odd')
    await writeMask(join(odd, 'ground_truth/dent/000_mask.png'), tensorOf('uint8', [9, 9], new Uint8Array(81).fill(1)))
    const sample = (await openDataset(odd)).samples.find(({ id }) => id === 'test/dent/000.png') as Sample
    await expect(readPrepared(sample, { size: [32, 32] })).rejects.toThrow(
      /000_mask\.png must have the size of .*000\.png, 48 x 40, got 9 x 9/,
    )
  })

  test('stops when asked, before reading on', async () => {
    const { samples } = await openDataset(root)
    const controller = new AbortController()
    const batches = imageBatches(samples, { size: [32, 32], batchSize: 1, signal: controller.signal })
    await batches.next()
    controller.abort()
    await expect(batches.next()).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('says what is wrong with a folder', async () => {
    await expect(openDataset(at('nowhere'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('nowhere'),
    })
    await mkdir(at('bare/some'), { recursive: true })
    await expect(openDataset(at('bare'))).rejects.toThrow(
      /bare holds some, which is not a known layout[\s\S]*mvtec-ad +train\/good/,
    )
    await mkdir(at('hollow/train/good'), { recursive: true })
    await expect(openDataset(at('hollow'))).rejects.toThrow(/1 no-training-images\n {2}train\/good: must hold images/)
    const unmasked = await spoilt('unmasked')
    await rm(join(unmasked, 'ground_truth/stain/001_mask.png'))
    await expect(openDataset(unmasked)).rejects.toThrow(/1 missing-mask\n {2}test\/stain\/001.png: has no mask/)
    await rm(join(unmasked, 'ground_truth'), { recursive: true })
    expect((await openDataset(unmasked)).samples.every(({ maskPath }) => maskPath === undefined)).toBe(true)
  })

  testWithShared('data/magnetic-tile', 'the magnetic tiles are found whole', async () => {
    const { samples } = await openDataset(sharedFile('data/magnetic-tile'))
    const count = (split: string, defect: string) =>
      samples.filter((s) => s.split === split && s.defect === defect).length
    expect([count('train', 'good'), count('test', 'good'), count('test', 'crack')]).toEqual([761, 191, 57])
    expect(samples.filter(({ label, maskPath }) => label === 1 && maskPath === undefined)).toEqual([])
  })

  testWithShared('data/hazelnut-toy', 'masks named as their images are found', async () => {
    const { samples } = await openDataset(sharedFile('data/hazelnut-toy'))
    const painted = samples.find(({ label }) => label === 1) as Sample
    const { image, mask } = await readPrepared(painted, { size: [64, 64] })
    expect([image.shape, mask.data.includes(1)]).toEqual([[64, 64, 3], true])
  })
})

describe('prefetch', () => {
  test('keeps the order, bounds what is under way, and starts nothing after the reader left', async () => {
    let [running, most, started] = [0, 0, 0]
    const job = async (item: number): Promise<number> => {
      started++
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, (item % 3) * 3))
      running--
      return item
    }
    const items = Array.from({ length: 20 }, (_, index) => index)
    const seen: number[] = []
    for await (const item of prefetch(items, 3, job)) seen.push(item)
    expect([seen, most]).toEqual([items, 3])
    started = 0
    for await (const item of prefetch(items, 3, job)) if (item === 2) break
    expect(started).toBeLessThanOrEqual(6)
  })
})
