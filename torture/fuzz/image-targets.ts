import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Rng } from '@tab/core'
import { syntheticParts } from '@tab/data'
import { readImage, readImageSize, readMask, readPreparedImage } from '@tab/data/node'
import { loadSharp } from '../../packages/data/src/node/load-sharp.ts'
import { bitmapFile } from '../../packages/data/test/bitmap-file.ts'
import { tiffFile } from '../../packages/data/test/tiff-file.ts'
import { mutateBytes } from './mutate-bytes.ts'
import { must, type Target } from './target.ts'

/** Image files of every format that is read, and masks. */
export async function imageTargets(folder: string): Promise<Target[]> {
  const sharp = await loadSharp()
  const { image } = syntheticParts({ part: 'washer', size: [32, 40], seed: 1 }).normal(0)
  const levels = Uint8Array.from(image.data, (value) => Math.round(value * 255))
  const raw = (): ReturnType<typeof sharp> => sharp(levels, { raw: { width: 40, height: 32, channels: 3 } })
  const floats = new Uint8Array(Float32Array.from({ length: 24 }, (_, i) => i / 24).buffer)
  const seeds = [
    await raw().png().toBuffer(),
    await raw().toColourspace('b-w').png({ palette: false }).toBuffer(),
    await raw().png({ palette: true, progressive: true }).toBuffer(),
    await raw().jpeg().toBuffer(),
    await raw().jpeg({ progressive: true }).withMetadata({ orientation: 6 }).toBuffer(),
    await raw().webp().toBuffer(),
    await raw().webp({ lossless: true }).toBuffer(),
    await raw().gif().toBuffer(),
    await raw().tiff({ compression: 'lzw' }).toBuffer(),
    await raw().avif({ effort: 0 }).toBuffer(),
    tiffFile({ width: 6, height: 4, bits: 32, format: 3, data: floats }),
    tiffFile({ width: 12, height: 2, bits: 16, format: 2, data: floats.map((value) => value & 0x7f).subarray(0, 48) }),
    bitmapFile(new Uint8Array(64).fill(0x55), 8, 8),
  ].map((bytes) => new Uint8Array(bytes))
  const mutate = (bytes: Uint8Array, rng: Rng, other: Uint8Array): Uint8Array => {
    const changed = mutateBytes(bytes, rng, other)
    return bytes[0] === 0x89 && rng() < 0.8 ? withChecksums(changed) : changed
  }
  return [
    {
      name: 'images',
      share: 50,
      seeds,
      mutate,
      async read(bytes) {
        const size = await readImageSize(bytes)
        const { shape, data } = await readImage(bytes)
        must(shape.join() === [...size, 3].join(), `${shape.join(' x ')}, but the header says ${size.join(' x ')}`)
        must(
          data.every((value) => value >= 0 && value <= 1),
          'a pixel outside of [0,1]',
        )
        const small = await readPreparedImage(bytes, { size: [4, 4], reading: 'fast' })
        must(
          small.image.data.every((value) => value >= 0 && value <= 1),
          'a prepared pixel outside of [0,1]',
        )
      },
    },
    {
      name: 'masks',
      share: 10,
      seeds: seeds.slice(0, 3),
      mutate,
      async read(bytes) {
        const path = join(folder, 'mask.png')
        writeFileSync(path, bytes)
        const { shape, data } = await readMask(path)
        must(data.length === shape.reduce((product, side) => product * side, 1), 'another shape')
      },
    },
  ]
}

/** A PNG whose chunks have the checksums of their content, so that changes reach what stands behind them. */
function withChecksums(bytes: Uint8Array): Uint8Array {
  const fixed = Buffer.from(bytes)
  for (let at = 8; at + 12 <= fixed.length;) {
    const end = at + 8 + fixed.readUInt32BE(at)
    if (end + 4 > fixed.length) break
    fixed.writeUInt32BE(crc32(fixed.subarray(at + 4, end)), end)
    at = end + 4
  }
  return fixed
}
