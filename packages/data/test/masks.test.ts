import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tensor, tensorOf, type Tensor } from '@tab/core'
import { checkDataset, checkMask, imageBatches, openDataset, readMask, writeImage, writeMask } from '@tab/data/node'
import sharp from 'sharp'

const SIDE = 32
/** A square of 8 pixels, not at the border. */
const isMarked = (i: number): boolean => i % SIDE >= 10 && i % SIDE < 18 && i >= 10 * SIDE && i < 18 * SIDE
const maskOf = (rule: (i: number) => boolean): Tensor<'uint8'> =>
  tensorOf(
    'uint8',
    [SIDE, SIDE],
    Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (rule(i) ? 1 : 0)),
  )
const levels = (rule: (i: number) => number, channels: 1 | 2 | 4 = 1) =>
  sharp(
    Uint8Array.from({ length: SIDE * SIDE * channels }, (_, i) => rule(i)),
    {
      raw: { width: SIDE, height: SIDE, channels },
    },
  )

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-masks-'))
  const image = tensor([SIDE, SIDE, 3], new Float32Array(SIDE * SIDE * 3).fill(0.5))
  for (const file of ['train/good/0.png', 'test/good/0.png', 'test/bar/0.png'])
    await writeImage(join(folder, 'sound', file), image)
})
afterAll(() => rm(folder, { recursive: true }))

let sets = 0
/** A data set with one defective image and that mask. */
async function withMask(name: string, bytes: Uint8Array): Promise<string> {
  const root = join(folder, String(sets++))
  await cp(join(folder, 'sound'), root, { recursive: true })
  await mkdir(join(root, 'ground_truth/bar'), { recursive: true })
  await writeFile(join(root, 'ground_truth/bar', name), bytes)
  return root
}

async function readAll(root: string): Promise<string[]> {
  const doubts: string[] = []
  const options = {
    size: [SIDE, SIDE] as [number, number],
    batchSize: 8,
    onDoubtfulMask: (_: unknown, { kind }: { kind: string }) => void doubts.push(kind),
  }
  for await (const { masks } of imageBatches((await openDataset(root)).samples, options))
    expect(masks.data).toContain(1)
  return doubts
}

const kinds = async (root: string): Promise<string[]> =>
  (await checkDataset(root)).problems.map(({ kind, path }) => `${kind} ${path}`)

describe('the mask of a defective image', () => {
  const dark = (i: number): number => (isMarked(i) ? 1 : 0)
  test.each([
    ['black', '0_mask.png', () => levels(() => 0).png(), 'black-mask', /0_mask.png is black: it marks nothing/],
    [
      'transparency alone',
      '0_mask.png',
      () => levels((i) => (i % 4 === 3 && isMarked(Math.floor(i / 4)) ? 255 : 0), 4).png(),
      'alpha-mask',
      /0_mask.png has one colour everywhere/,
    ],
    [
      'white whose transparency tells',
      '0_mask.png',
      () => levels((i) => (i % 4 < 3 || isMarked(Math.floor(i / 4)) ? 255 : 0), 4).png(),
      'alpha-mask',
      /0_mask.png has one colour everywhere/,
    ],
    [
      'a JPEG of 0 and 1',
      '0_mask.jpg',
      () => levels(dark).jpeg({ quality: 95 }),
      'lossy-mask',
      /0_mask.jpg is stored with loss, and its brightest value is 1 of 255/,
    ],
    [
      'a JPEG of 0 and 1 inside TIFF',
      '0_mask.tif',
      () => levels(dark).tiff({ compression: 'jpeg', quality: 95 }),
      'lossy-mask',
      /0_mask.tif is stored with loss/,
    ],
    [
      'a JPEG of greys',
      '0_mask.jpg',
      () => levels((i) => (isMarked(i) ? 255 : i % SIDE < 9 ? 128 : 0)).jpeg({ quality: 95 }),
      'lossy-mask',
      /more of its pixels are grey/,
    ],
    [
      'AVIF of greys',
      '0_mask.avif',
      () => levels((i) => (isMarked(i) ? 90 : 0)).avif({ quality: 90 }),
      'lossy-mask',
      /0_mask.avif is stored with loss/,
    ],
    [
      'lossy WebP of greys',
      '0_mask.webp',
      () => levels((i) => (isMarked(i) ? 90 : 0)).webp({ quality: 90 }),
      'lossy-mask',
      /0_mask.webp is stored with loss/,
    ],
  ] as const)('%s: named by the check, refused by the reader', async (_, name, picture, kind, message) => {
    const root = await withMask(name, await picture().toBuffer())
    expect(await kinds(root)).toEqual([`${kind} ground_truth/bar/${name}`])
    await expect(readAll(root)).rejects.toMatchObject({ code: 'INVALID_DATA', message: expect.stringMatching(message) })
  })

  test.each([
    ['exchanged black and white', (i: number) => (isMarked(i) ? 0 : 255)],
    ['white all over', () => 255],
  ])('%s: named by the check, told while reading', async (_, rule) => {
    const root = await withMask('0_mask.png', await levels(rule).png().toBuffer())
    expect(await kinds(root)).toEqual(['inverted-mask ground_truth/bar/0_mask.png'])
    expect(await readAll(root)).toEqual(['inverted-mask'])
  })

  test('what a JPEG left of black in a file without loss is told of', async () => {
    const bytes = await levels((i) => (isMarked(i) ? 255 : i % 7))
      .png()
      .toBuffer()
    expect(await kinds(await withMask('0_mask.png', bytes))).toContain('noisy-mask ground_truth/bar/0_mask.png')
  })

  test.each([
    ['one pixel', (i: number) => (i === 500 ? 255 : 0)],
    [
      'most of the image, but not around',
      (i: number) => (i % SIDE > 1 && i % SIDE < 30 && i > 60 && i < 960 ? 255 : 0),
    ],
    ['a broad scratch from side to side', (i: number) => (i > 320 && i < 640 ? 255 : 0)],
    ['classes by numbers', (i: number) => (isMarked(i) ? 1 + (i % 3) : 0)],
  ])('%s is right', async (_, rule) => {
    const root = await withMask('0_mask.png', await levels(rule).png().toBuffer())
    expect(await kinds(root)).toEqual([])
    expect(await readAll(root)).toEqual([])
  })

  test.each([40, 75, 95])('JPEG of quality %i of black and white is read', async (quality) => {
    const root = await withMask(
      '0.jpg',
      await levels((i) => (isMarked(i) ? 255 : 0))
        .jpeg({ quality })
        .toBuffer(),
    )
    expect(await kinds(root)).toEqual([])
    expect([...(await readMask(join(root, 'ground_truth/bar/0.jpg'))).data]).toEqual([...maskOf(isMarked).data])
  })

  test('by its pixels alone', () => {
    expect(checkMask(maskOf(() => false))?.kind).toBe('black-mask')
    expect(checkMask(maskOf((i) => !isMarked(i)))?.message).toMatch(/marks 94 % of the image and its border/)
    expect(checkMask(maskOf(isMarked))).toBeUndefined()
  })
})

test('the mask of a good image may be black, and is named when it is not', async () => {
  const root = await withMask(
    '0_mask.png',
    await levels((i) => (isMarked(i) ? 255 : 0))
      .png()
      .toBuffer(),
  )
  await writeMask(
    join(root, 'ground_truth/good/0_mask.png'),
    maskOf(() => false),
  )
  expect(await kinds(root)).toEqual([])
  await writeMask(join(root, 'ground_truth/good/0_mask.png'), maskOf(isMarked))
  expect(await kinds(root)).toEqual(['marked-good ground_truth/good/0_mask.png'])
})
