import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { checkDataset, openDataset, readImage, readImageSize } from '@tab/data/node'
import fc from 'fast-check'
import sharp from 'sharp'
import { bytesOf, tiffFile, type TiffPixels } from './tiff-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-formats-'))
})
afterAll(() => rm(folder, { recursive: true }))

let files = 0
/** A file alone in a new folder, which is thus a data set of the layout `images`. */
async function alone(name: string, bytes: Uint8Array): Promise<{ root: string; path: string }> {
  const root = join(folder, String(files++))
  await mkdir(root)
  await writeFile(join(root, name), bytes)
  return { root, path: join(root, name) }
}

/** Values of the first channel of each pixel. */
async function grey(path: string): Promise<number[]> {
  const { data } = await readImage(path)
  return Array.from({ length: data.length / 3 }, (_, i) => data[i * 3] as number)
}

const row = (values: { readonly buffer: ArrayBufferLike; readonly length: number }, pixels: Partial<TiffPixels>) =>
  tiffFile({ width: values.length, height: 1, bits: 8, format: 1, data: bytesOf(values), ...pixels })

describe('what is read', () => {
  test.each([
    ['32-bit floats', row(Float32Array.of(0, 0.25, 1), { bits: 32, format: 3 }), [0, 0.25, 1]],
    ['unsigned 32 bits', row(Uint32Array.of(0, 1, 2 ** 32 - 1), { bits: 32 }), [0, 1 / (2 ** 32 - 1), 1]],
    ['signed 32 bits', row(Int32Array.of(0, 2 ** 30, 2 ** 31 - 1), { bits: 32, format: 2 }), [0, 0.5, 1]],
    ['signed 16 bits', row(Int16Array.of(0, 300, 32767), { bits: 16, format: 2 }), [0, 300 / 32767, 1]],
    ['signed 8 bits', row(Int8Array.of(0, 30, 127), { format: 2 }), [0, 30 / 127, 1]],
    [
      '4 bits',
      tiffFile({ width: 4, height: 1, bits: 4, format: 1, data: Uint8Array.of(0x0f, 0x5a) }),
      [0, 1, 1 / 3, 2 / 3],
    ],
    ['white as 0', row(Uint8Array.of(255, 0, 155), { photometric: 0 }), [0, 1, 100 / 255]],
  ])('TIFF of %s, as the numbers say', async (_, bytes, wanted) => {
    const { root, path } = await alone('x.tif', bytes)
    const values = await grey(path)
    expect(values).toHaveLength(wanted.length)
    values.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] as number, 7))
    expect((await checkDataset(root)).problems).toEqual([])
  })

  test('TIFF of floats and signed numbers in RGB keeps its colours as they are stored', async () => {
    const floats = Float32Array.of(0.1, 0.2, 0.3, 0.9, 0.8, 0.7)
    const { path } = await alone(
      'x.tif',
      tiffFile({ width: 2, height: 1, channels: 3, bits: 32, format: 3, data: bytesOf(floats) }),
    )
    expect([...(await readImage(path)).data]).toEqual([...floats])
    const shorts = Int16Array.of(0, 300, 32767, 1, 2, 3)
    const signed = await alone(
      'x.tif',
      tiffFile({ width: 2, height: 1, channels: 3, bits: 16, format: 2, data: bytesOf(shorts) }),
    )
    expect([...(await readImage(signed.path)).data]).toEqual([...shorts].map((value) => Math.fround(value / 32767)))
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'orientation %i turns 16-bit signed pixels as libvips turns unsigned ones',
    async (orientation) => {
      const pixels = { width: 3, height: 2, bits: 16, orientation }
      const values = [0, 1000, 2000, 3000, 4000, 5000]
      const signed = await alone('s.tif', tiffFile({ ...pixels, format: 2, data: bytesOf(Int16Array.from(values)) }))
      const unsigned = await alone('u.tif', tiffFile({ ...pixels, format: 1, data: bytesOf(Uint16Array.from(values)) }))
      const [one, other] = [await readImage(signed.path), await readImage(unsigned.path)]
      expect(one.shape).toEqual(other.shape)
      expect([...one.data].map((value) => Math.round(value * 32767))).toEqual(
        [...other.data].map((value) => Math.round(value * 65535)),
      )
      expect((await checkDataset(signed.root)).problems).toEqual([])
    },
  )

  test.each(['gif', 'avif'] as const)('%s', async (format) => {
    const red = sharp({ create: { width: 16, height: 16, channels: 3, background: '#ff0000' } })
    const { root, path } = await alone(
      `x.${format.toUpperCase()}`,
      await red.toFormat(format, { lossless: true } as object).toBuffer(),
    )
    const { shape, data } = await readImage(path)
    expect([shape, data[0], data[1]]).toEqual([[16, 16, 3], 1, 0])
    expect((await openDataset(root)).samples).toHaveLength(1)
  })

  test('a file without a suffix by its first bytes, whatever characters its name has', async () => {
    const png = await sharp({ create: { width: 3, height: 2, channels: 3, background: '#ffffff' } })
      .png()
      .toBuffer()
    const { root, path } = await alone('frame[1]', png)
    await writeFile(join(root, 'NOTES'), 'not an image')
    expect((await readImage(path)).shape).toEqual([2, 3, 3])
    await expect(openDataset(root)).rejects.toThrow('holds other files next to its images: NOTES')
    await rm(join(root, 'NOTES'))
    const { samples, warnings } = await openDataset(root)
    expect([samples.map(({ id }) => id), warnings]).toEqual([['frame[1]'], []])
    expect((await checkDataset(root)).problems).toEqual([])
  })
})

/** A BMP of 24 bits, or runs of 8, that says it has so many pixels, and has none. */
function sized(width: number, height: number, compression: 0 | 1): Buffer {
  const bytes = Buffer.concat([Buffer.from('BM'), bitmapWith(compression)])
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  if (compression === 1) bytes.writeUInt16LE(8, 28)
  return bytes
}

/** A PNG without pixels: its signature, its header, and its end. */
function pngOf(width: number, height: number, bits: number, colour: number): Buffer {
  const chunk = (name: string, content: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(name), content])
    const ends = Buffer.alloc(8)
    ends.writeUInt32BE(content.length)
    ends.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([bits, colour], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

test('a PNG of one bit a pixel may say far more pixels than it has bytes', async () => {
  const white = sharp({ create: { width: 3000, height: 3000, channels: 3, background: '#ffffff' } })
  const bytes = await white.toColourspace('b-w').png({ palette: true, colours: 2, compressionLevel: 9 }).toBuffer()
  expect([3000 * 3000 > 1032 * bytes.length, bytes[24]]).toEqual([true, 1])
  expect(await readImageSize(bytes)).toEqual([3000, 3000])
})

describe('what is refused is refused by the check and by the reader, in the same words', () => {
  test.each([
    [
      'floats above white',
      row(Float32Array.of(0, 255), { bits: 32, format: 3 }),
      /in 0 \(black\) to 1 \(white\), but are in 0 to 255/,
    ],
    ['floats that are none', row(Float32Array.of(0, NaN), { bits: 32, format: 3 }), /a pixel is NaN/],
    [
      'floats in which 0 is white',
      row(Float32Array.of(0, 1), { bits: 32, format: 3, photometric: 0 }),
      /in which 0 is white/,
    ],
    ['negative numbers', row(Int16Array.of(-5, 9), { bits: 16, format: 2 }), /to 32767 \(white\), but are in -5 to 9/],
    ['negative bytes', row(Int8Array.of(-5, 9), { format: 2 }), /to 127 \(white\), but are in -5 to 9/],
    [
      '16-bit floats',
      row(Uint16Array.of(0, 0x3c00), { bits: 16, format: 3 }),
      /TIFF with 16-bit floating point samples is not read/,
    ],
    [
      '64-bit floats',
      row(Float64Array.of(0, 1), { bits: 64, format: 3 }),
      /TIFF with 64-bit floating point samples is not read/,
    ],
    [
      '12 bits',
      tiffFile({ width: 2, height: 1, bits: 12, format: 1, data: Uint8Array.of(0, 15, 255) }),
      /TIFF with 12-bit unsigned/,
    ],
    ['complex numbers', row(Float64Array.of(0, 1), { bits: 64, format: 6 }), /TIFF with 64-bit complex/],
    [
      'SVG',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      /GIF and AVIF are read, but it is SVG/,
    ],
    ['HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), /it is HEIC/],
    ['text', Buffer.from('hello'), /its first bytes match none of them/],
    ['nothing', Buffer.alloc(0), /the file is empty/],
    ['a PNG of hardly a header', pngOf(9, 9, 8, 0).subarray(0, 30), /the PNG header is truncated/],
    [
      'a PNG with more pixels than it has bytes for',
      pngOf(8_000_000, 32, 8, 0),
      /its header says 32 x 8000000 pixels, more than a PNG of \d+ bytes can hold/,
    ],
    ['a BMP with more pixels than it has bytes for', sized(30_000, 8000, 0), /8000 x 30000 pixels, more than a BMP of/],
    ['a BMP of runs with more pixels than are read', sized(30_000, 30_000, 1), /30000 x 30000 pixels, more than a BMP/],
    [
      'a BMP of JPEG',
      Buffer.concat([Buffer.from('BM'), bitmapWith(4)]),
      /BMP with 24 bits per pixel and compression 4 is not read/,
    ],
  ])('%s', async (_, bytes, reason) => {
    const { root, path } = await alone('x.tif', bytes)
    await expect(readImage(path)).rejects.toThrow(reason)
    const { problems } = await checkDataset(root)
    expect(problems).toEqual([{ kind: 'unreadable', path: 'x.tif', message: expect.stringMatching(reason) }])
  })

  test('any TIFF directory at all: what the check takes, the reader reads, and into [0,1]', async () => {
    const numbers = fc.record({
      bits: fc.constantFrom(1, 2, 4, 8, 12, 16, 24, 32, 64),
      format: fc.integer({ min: 0, max: 7 }),
      photometric: fc.integer({ min: 0, max: 3 }),
      channels: fc.constantFrom(1, 3, 4),
      orientation: fc.integer({ min: 0, max: 9 }),
      data: fc.uint8Array({ minLength: 128, maxLength: 128 }),
    })
    let [taken, refused] = [0, 0]
    await fc.assert(
      fc.asyncProperty(numbers, async (pixels) => {
        const { root, path } = await alone('x.tif', tiffFile({ width: 2, height: 2, ...pixels }))
        const { problems } = await checkDataset(root)
        if (problems.length > 0) {
          refused++
          await expect(readImage(path)).rejects.toMatchObject({ code: 'INVALID_DATA' })
          return
        }
        taken++
        expect((await readImage(path)).data.every((value) => value >= 0 && value <= 1)).toBe(true)
      }),
      { numRuns: 120 },
    )
    expect([taken, refused].every((count) => count > 0)).toBe(true) // both happen, in any run
  })
})

/** A BMP header of 24 bits without its first two bytes, of that compression. */
function bitmapWith(compression: number): Buffer {
  const bytes = Buffer.alloc(60)
  bytes.writeUInt32LE(40, 12)
  bytes.writeInt32LE(2, 16)
  bytes.writeInt32LE(2, 20)
  bytes.writeUInt16LE(1, 24)
  bytes.writeUInt16LE(24, 26)
  bytes.writeUInt32LE(compression, 28)
  return bytes
}
