import type { Tensor } from '@tab/core'
import sharp from 'sharp'
import { turbo } from './colormap.ts'

/** Range of map values that the heatmap's colours span. */
export interface HeatmapScale {
  readonly low: number
  readonly high: number
}

/** Pictures of one case as data URIs: the photograph, and layers of the same size to lay over it. */
export interface CasePictures {
  readonly image: string
  /** Outline of the ground truth; undefined where there is none. */
  readonly outline: string | undefined
  readonly heatmap: string
}

const OUTLINE_COLOR = [0, 255, 255, 255]

/** The scale of a run: from the median of all map values to the 99.9th percentile, on a sample of them. */
export function heatmapScale(maps: Float32Array): HeatmapScale {
  const step = Math.max(1, Math.floor(maps.length / 200_000))
  const sample = Float32Array.from(
    { length: Math.ceil(maps.length / step) },
    (_, index) => maps[index * step] as number,
  )
  sample.sort()
  const at = (share: number): number => sample[Math.min(sample.length - 1, Math.floor(share * sample.length))] as number
  const low = at(0.5)
  return { low, high: Math.max(at(0.999), low + Number.EPSILON) }
}

/**
 * Encodes the pictures of one case.
 * @param image [H,W,3] in [0,1]
 * @param mask [H*W], 1 on the defect
 * @param map [H*W]
 */
export async function casePictures(
  image: Tensor,
  mask: Uint8Array,
  map: Float32Array,
  scale: HeatmapScale,
): Promise<CasePictures> {
  const [height, width] = image.shape as [number, number]
  const pixels = Uint8Array.from(image.data, (value) => Math.round(value * 255))
  const photograph = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 82 })
    .toBuffer()
  return {
    image: `data:image/jpeg;base64,${photograph.toString('base64')}`,
    outline: mask.includes(1) ? await layer(outlinePixels(mask, height, width), height, width) : undefined,
    heatmap: await layer(heatmapPixels(map, scale), height, width),
  }
}

/**
 * A photograph with its heatmap laid over it, as a PNG.
 * @param image [H,W,3] in [0,1]
 * @param map [H*W]
 */
export async function heatmapOverlay(image: Tensor, map: Float32Array, scale: HeatmapScale): Promise<Uint8Array> {
  const [height, width] = image.shape as [number, number]
  const overlay = Buffer.from(heatmapPixels(map, scale))
  return sharp(
    Uint8Array.from(image.data, (value) => Math.round(value * 255)),
    { raw: { width, height, channels: 3 } },
  )
    .composite([{ input: overlay, raw: { width, height, channels: 4 } }])
    .removeAlpha()
    .png()
    .toBuffer()
}

async function layer(pixels: Uint8Array, height: number, width: number): Promise<string> {
  const png = await sharp(pixels, { raw: { width, height, channels: 4 } })
    .png({ palette: true, effort: 4 })
    .toBuffer()
  return `data:image/png;base64,${png.toString('base64')}`
}

/** Turbo colours, transparent where the map is low. */
function heatmapPixels(map: Float32Array, { low, high }: HeatmapScale): Uint8Array {
  const colors = turbo()
  const pixels = new Uint8Array(map.length * 4)
  map.forEach((value, index) => {
    const level = Math.max(0, Math.min(1, (value - low) / (high - low)))
    const color = Math.round(level * 255) * 3
    pixels.set(colors.subarray(color, color + 3), index * 4)
    pixels[index * 4 + 3] = Math.round(235 * Math.min(1, level * 2.5))
  })
  return pixels
}

/** Pixels outside the mask that touch it: a line that hides nothing of the defect. */
function outlinePixels(mask: Uint8Array, height: number, width: number): Uint8Array {
  const pixels = new Uint8Array(mask.length * 4)
  const inside = (y: number, x: number): boolean =>
    y >= 0 && y < height && x >= 0 && x < width && mask[y * width + x] === 1
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const touches = inside(y - 1, x) || inside(y + 1, x) || inside(y, x - 1) || inside(y, x + 1)
      if (!inside(y, x) && touches) pixels.set(OUTLINE_COLOR, (y * width + x) * 4)
    }
  }
  return pixels
}
