import { tensor, type Tensor } from '@tab/core'
import { overlayHeatmap, renderHeatmap, toLevels } from '@tab/data'
import sharp, { type Sharp } from 'sharp'

/** Range of map values that the heatmap's colours span. */
export interface HeatmapScale {
  readonly low: number
  readonly high: number
}

const LONGEST_HEATMAP = 320 // pixels
const OPACITY = 235 / 255 // of the hottest colour, under which a defect can still be seen

/** The scale of a run: from the median of all map values to the 99.9th percentile, on a sample of them. */
export function heatmapScale(maps: Float32Array): HeatmapScale {
  const step = Math.max(1, Math.floor(maps.length / 200_000))
  const sample = Float32Array.from(
    { length: Math.ceil(maps.length / step) },
    (_, index) => maps[index * step] as number,
  )
  sample.sort()
  const at = (share: number): number => sample[Math.min(sample.length - 1, Math.floor(share * sample.length))] as number
  const [low, high] = [at(0.5), at(0.999)]
  return { low, high: high > low ? high : low + 1 }
}

/**
 * A photograph for the page.
 * @param image [H,W,3] in [0,1]
 * @returns a data URI
 */
export async function photographPicture(image: Tensor): Promise<string> {
  const [height, width] = image.shape as [number, number]
  return await webp(sharp(toLevels(image.data), { raw: { width, height, channels: 3 } }), 80)
}

/**
 * An anomaly map in colours, to lay over its photograph; made smaller where it is large.
 * @param map [H*W]
 * @param size `[height, width]`
 * @returns a data URI
 */
export async function heatmapPicture(
  map: Float32Array,
  [height, width]: readonly [number, number],
  scale: HeatmapScale,
): Promise<string> {
  const layer = sharp(heatmapPixels(map, [height, width], scale), { raw: { width, height, channels: 4 } })
  const most = { width: LONGEST_HEATMAP, height: LONGEST_HEATMAP, fit: 'inside', withoutEnlargement: true } as const
  return await webp(layer.resize(most), 60)
}

/**
 * A photograph with its anomaly map laid over it, as a PNG.
 * @param image [H,W,3] in [0,1]
 * @param map [H*W]
 * @param pixelThreshold colours then mean the same for every image: they begin half of it below and end one above; else they span the map
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { readImage } from '@tab/data/node'
 * import { heatmapFile } from '@tab/report/node'
 *
 * const image = tensor([2, 2, 3], new Float32Array(12).fill(0.5))
 * const picture = await heatmapFile(image, Float32Array.of(0, 0, 0, 9), 1) // the last pixel is far above the threshold of 1
 * const levels = Array.from((await readImage(picture)).data, (value) => Math.round(255 * value))
 * console.log(levels.slice(0, 3), levels.slice(9)) // [ 128, 128, 128 ] [ 143, 21, 10 ]
 * ```
 */
export async function heatmapFile(image: Tensor, map: Float32Array, pixelThreshold?: number): Promise<Uint8Array> {
  if (pixelThreshold === undefined) return heatmapOverlay(image, map, heatmapScale(map))
  const span = Math.abs(pixelThreshold) || 1
  return heatmapOverlay(image, map, { low: pixelThreshold - span / 2, high: pixelThreshold + span })
}

/**
 * A photograph with its heatmap laid over it, as a PNG.
 * @param image [H,W,3] in [0,1]
 * @param map [H*W]
 */
export async function heatmapOverlay(
  image: Tensor,
  map: Float32Array,
  { low, high }: HeatmapScale,
): Promise<Uint8Array> {
  const [height, width] = image.shape as [number, number]
  const overlay = overlayHeatmap(image, tensor([height, width], map), { range: [low, high], opacity: OPACITY })
  return sharp(toLevels(overlay.data), { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}

async function webp(picture: Sharp, quality: number): Promise<string> {
  const bytes = await picture.webp({ quality, alphaQuality: 95 }).toBuffer()
  return `data:image/webp;base64,${bytes.toString('base64')}`
}

/** RGBA levels of a map [H*W], transparent where it is low. */
function heatmapPixels(map: Float32Array, [height, width]: readonly [number, number], scale: HeatmapScale): Uint8Array {
  return renderHeatmap(tensor([height, width], map), { range: [scale.low, scale.high], transparent: true }).data
}
