import type { Tensor } from '@tab/core'
import { toLevels } from '@tab/data'
import sharp, { type Sharp } from 'sharp'
import { heatmapOverlay, heatmapScale } from './case-pictures.ts'

/** A photograph [H,W,3] in [0,1] and its anomaly map [H*W]. */
export interface SheetEntry {
  readonly image: Tensor
  readonly map: Float32Array
}

const TILE = 200
const GAP = 6
const PER_ROW = 3
const PAPER = { r: 242, g: 242, b: 242 }

/**
 * A contact sheet: each photograph with its heatmap beside it, three pairs a row, in the order given, all in one scale of colours.
 * @param entries one or more
 * @returns PNG
 * @example
 * ```ts
 * import { readImage } from '@tab/data/node'
 * import { suspectsSheet } from '@tab/report/node'
 *
 * const image = await readImage('washers/train/good/000.png')
 * const map = new Float32Array(64 * 64) // of crossSuspects, in practice
 * console.log((await readImage(await suspectsSheet([{ image, map }]))).shape) // [ 218, 430, 3 ]
 * ```
 */
export async function suspectsSheet(entries: readonly SheetEntry[]): Promise<Uint8Array> {
  const all = new Float32Array(entries.reduce((sum, { map }) => sum + map.length, 0))
  entries.reduce((at, { map }) => (all.set(map, at), at + map.length), 0)
  const scale = heatmapScale(all)
  const pair = 2 * TILE + GAP
  const columns = Math.min(PER_ROW, entries.length)
  const width = columns * (pair + 3 * GAP) + GAP
  const height = Math.ceil(entries.length / PER_ROW) * (TILE + 2 * GAP) + GAP
  const tiles = await Promise.all(
    entries.map(async ({ image, map }, index) => {
      const top = GAP + Math.floor(index / PER_ROW) * (TILE + 2 * GAP)
      const left = GAP + (index % PER_ROW) * (pair + 3 * GAP)
      const [rows, across] = image.shape as [number, number]
      const photograph = sharp(toLevels(image.data), { raw: { width: across, height: rows, channels: 3 } })
      const heatmap = sharp(await heatmapOverlay(image, map, scale))
      return [
        { input: await fitted(photograph), top, left },
        { input: await fitted(heatmap), top, left: left + TILE + GAP },
      ]
    }),
  )
  return sharp({ create: { width, height, channels: 3, background: PAPER } })
    .composite(tiles.flat())
    .png()
    .toBuffer()
}

function fitted(picture: Sharp): Promise<Buffer> {
  return picture.resize(TILE, TILE, { fit: 'contain', background: PAPER }).png().toBuffer()
}
