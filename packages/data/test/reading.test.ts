import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { prepareImage, syntheticParts, type Preparation } from '@tab/data'
import { readImage, readImageSize, readPrepared, readPreparedImage, writeMask } from '@tab/data/node'
import sharp from 'sharp'

const { image, mask } = syntheticParts({ part: 'circuit-board', size: [240, 360], seed: 3 }).anomalous(0, 'scratch')
const levels = Uint8Array.from(image.data, (value) => Math.round(255 * value))
const photograph = () => sharp(levels, { raw: { width: 360, height: 240, channels: 3 } })
const withAlpha = Uint8Array.from({ length: 240 * 360 * 4 }, (_, at) =>
  at % 4 === 3 ? (Math.floor(at / 4) % 360 < 180 ? 0 : 255) : (levels[Math.floor(at / 4) * 3 + (at % 4)] as number),
)
const deep = Uint16Array.from(levels, (level) => level * 257)

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'tab-reading-'))))
afterAll(() => rm(folder, { recursive: true }))

/** Mean and largest difference between fast and exact reading, in levels of 255. */
async function difference(bytes: Uint8Array, preparation: Preparation): Promise<{ mean: number; most: number }> {
  const exact = prepareImage(await readImage(bytes), preparation)
  const fast = (await readPreparedImage(bytes, { ...preparation, reading: 'fast' })).image
  expect(fast.shape).toEqual(exact.shape)
  const apart = fast.data.map((value, at) => 255 * Math.abs(value - (exact.data[at] as number)))
  return {
    mean: apart.reduce((sum, value) => sum + value, 0) / apart.length,
    most: apart.reduce((most, value) => Math.max(most, value), 0),
  }
}

describe('fast reading', () => {
  test.each([
    ['JPEG', () => photograph().jpeg({ quality: 90 }).toBuffer()],
    ['PNG', () => photograph().png().toBuffer()],
    ['WebP', () => photograph().webp({ lossless: true }).toBuffer()],
    ['a grey PNG', () => photograph().grayscale().png().toBuffer()],
    ['a JPEG that EXIF turns', () => photograph().withMetadata({ orientation: 6 }).jpeg().toBuffer()],
    [
      'a PNG half of which is transparent',
      () =>
        sharp(withAlpha, { raw: { width: 360, height: 240, channels: 4 } })
          .png()
          .toBuffer(),
    ],
    [
      'a PNG of 16 bits',
      () =>
        sharp(deep, { raw: { width: 360, height: 240, channels: 3, depth: 'ushort' } as never })
          .toColourspace('rgb16')
          .png()
          .toBuffer(),
    ],
  ])('of %s differs from the exact one by about the rounding to 8 bits', async (_, encode) => {
    const { mean, most } = await difference(await encode(), { size: [64, 96] })
    expect(mean).toBeLessThan(0.8) // rounding alone: 0.25 once, about 0.4 for the two directions of a resize
    expect(most).toBeLessThan(16)
  })

  test('takes the filter and the crop of the preparation', async () => {
    const bytes = await photograph().png().toBuffer()
    const preparation = { size: [60, 90], crop: [40, 50], filter: 'lanczos' } as const
    expect((await difference(bytes, preparation)).mean).toBeLessThan(1)
    const fast = (await readPreparedImage(bytes, { ...preparation, reading: 'fast' })).image
    const other = prepareImage(await readImage(bytes), { ...preparation, filter: 'bilinear' })
    const apart = fast.data.reduce((sum, value, at) => sum + Math.abs(value - (other.data[at] as number)), 0)
    expect((255 * apart) / fast.data.length).toBeGreaterThan(1.5) // it is not bilinear
  })

  test.each([
    ['as large', [240, 360]],
    ['larger in one direction', [300, 96]],
  ] as const)('to an image that is %s is exact', async (_, size) => {
    expect(await difference(await photograph().png().toBuffer(), { size })).toEqual({ mean: 0, most: 0 })
  })

  test('is not the default', async () => {
    const bytes = await photograph().png().toBuffer()
    const { image: read, original } = await readPreparedImage(bytes, { size: [64, 96] })
    expect(read).toEqual(prepareImage(await readImage(bytes), { size: [64, 96] }))
    expect(original).toEqual([240, 360])
  })

  test('tells the upright size of a photograph, which its mask must have', async () => {
    const file = join(folder, 'board.jpg')
    await writeFile(file, await photograph().withMetadata({ orientation: 6 }).jpeg().toBuffer())
    expect(await readImageSize(file)).toEqual([360, 240])
    expect((await readPreparedImage(file, { size: [32, 32], reading: 'fast' })).original).toEqual([360, 240])
    await writeMask(join(folder, 'mask.png'), mask)
    const sample = {
      id: 'board',
      path: file,
      maskPath: join(folder, 'mask.png'),
      label: 1,
      defect: 'scratch',
      split: 'test',
    } as const
    await expect(readPrepared(sample, { size: [32, 32], reading: 'fast' })).rejects.toThrow(
      /must have the size of .*360 x 240, got 240 x 360/,
    )
  })

  test('names a file that is damaged', async () => {
    const bytes = await photograph().jpeg().toBuffer()
    const file = join(folder, 'half.jpg')
    await writeFile(file, bytes.subarray(0, bytes.length / 2))
    await expect(readPreparedImage(file, { size: [32, 32], reading: 'fast' })).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining(`${file} is not a readable image`),
    })
  })
})
