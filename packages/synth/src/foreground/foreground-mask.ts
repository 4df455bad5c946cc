import { checkNumber, tensorOf, type Tensor } from '@tab/core'
import { checkPixels } from '../canvas.ts'
import type { Box } from '../report.ts'
import { otsuSplit } from './otsu.ts'
import { shareOfOnes, summedArea } from './summed-area.ts'

export interface ForegroundOptions {
  /**
   * The distance from the border's colour in RGB (Euclidean, in [0, 1.73]) above which a pixel belongs to the object. Default:
   * Otsu's threshold of the image's distances.
   */
  readonly threshold?: number
  /**
   * The share of the border that must look like background. Below it, the object is taken to reach beyond the border or the image to
   * be a texture, and the mask is full. Default 0.6.
   */
  readonly borderShare?: number
}

const SMALLEST_SEPARABILITY = 0.78 // textures reach 0.75, objects on a plain ground 0.85 to 0.9
const SMALLEST_CONTRAST = 0.06 // Otsu splits noise too: below this the two sides do not stand apart

/**
 * Finds the object: pixels that differ from the border's colour, and pixels that a flood fill over the background does not reach from
 * the border, so holes inside the object belong to it. An image without an object on a background of one colour, such as a texture,
 * gets the full mask.
 * @param image [H,W,3] in [0,1]
 * @returns [H,W], 1 on the object
 * @throws INVALID_ARGUMENT for another shape, values outside [0,1] or options out of range
 * @example
 * ```ts
 * import { syntheticParts } from '@tab/data'
 * import { foregroundMask } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { data } = foregroundMask(image)
 * console.log((data.reduce((sum, value) => sum + value, 0) / data.length).toFixed(2)) // 0.40
 * ```
 */
export function foregroundMask(image: Tensor, options: ForegroundOptions = {}): Tensor<'uint8'> {
  checkPixels('foregroundMask', 'image', image)
  const { threshold, borderShare = 0.6 } = options
  if (threshold !== undefined) checkNumber('foregroundMask', 'threshold', threshold, { above: 0, maximum: 2 })
  checkNumber('foregroundMask', 'borderShare', borderShare, { minimum: 0, maximum: 1 })
  const [height, width] = image.shape as [number, number]
  const border = borderPixels(height, width)
  const distances = distancesFrom(borderColour(image.data, border), image.data)
  const split = otsuSplit(distances)
  const limit = threshold ?? Math.max(SMALLEST_CONTRAST, split.threshold)
  const whole = tensorOf('uint8', [height, width], new Uint8Array(height * width).fill(1))
  if (threshold === undefined && split.separability < SMALLEST_SEPARABILITY) return whole

  const off = new Uint8Array(distances.length) // 1 where the colour is not the border's
  for (let pixel = 0; pixel < off.length; pixel++) off[pixel] = (distances[pixel] as number) > limit ? 1 : 0
  if (border.filter((pixel) => off[pixel] === 0).length < borderShare * border.length) return whole
  const mask = unreached(off, border, height, width)
  // An image without any object is all ground: a defect may be anywhere.
  return mask.includes(1) ? tensorOf('uint8', [height, width], mask) : whole
}

function borderPixels(height: number, width: number): number[] {
  const pixels: number[] = []
  for (let x = 0; x < width; x++) pixels.push(x, (height - 1) * width + x)
  for (let y = 1; y < height - 1; y++) pixels.push(y * width, (y + 1) * width - 1)
  return pixels
}

/** The median of each channel; up to half of the border may have other colours. */
function borderColour(data: Float32Array, border: readonly number[]): [number, number, number] {
  const median = (channel: number): number => {
    const values = Float32Array.from(border, (pixel) => data[pixel * 3 + channel] as number).sort()
    return values[values.length >> 1] as number
  }
  return [median(0), median(1), median(2)]
}

function distancesFrom([red, green, blue]: [number, number, number], data: Float32Array): Float32Array {
  const distances = new Float32Array(data.length / 3)
  for (let pixel = 0, at = 0; pixel < distances.length; pixel++, at += 3) {
    const dr = (data[at] as number) - red
    const dg = (data[at + 1] as number) - green
    const db = (data[at + 2] as number) - blue
    distances[pixel] = Math.sqrt(dr * dr + dg * dg + db * db)
  }
  return distances
}

/**
 * 1 where a brush of 3 x 3 pixels, moving over the border's colour, does not arrive from the border; so the background cannot enter
 * the object through a narrower groove.
 */
function unreached(off: Uint8Array, border: readonly number[], height: number, width: number): Uint8Array {
  const area = summedArea(off, height, width)
  const around = (pixel: number, reach: number): Box => {
    const [y, x] = [Math.floor(pixel / width), pixel % width]
    const [top, left] = [Math.max(0, y - reach), Math.max(0, x - reach)]
    return { top, left, height: Math.min(height, y + reach + 1) - top, width: Math.min(width, x + reach + 1) - left }
  }
  const mask = new Uint8Array(off.length).fill(1)
  const reached = new Int32Array(off.length)
  let [count, next] = [0, 0]
  const reach = (pixel: number): void => {
    if (mask[pixel] === 0 || off[pixel] === 1 || shareOfOnes(area, around(pixel, 1)) > 0) return
    mask[pixel] = 0
    reached[count++] = pixel
  }
  border.forEach(reach)
  while (next < count) {
    const pixel = reached[next++] as number
    const x = pixel % width
    if (x > 0) reach(pixel - 1)
    if (x < width - 1) reach(pixel + 1)
    if (pixel >= width) reach(pixel - width)
    if (pixel < (height - 1) * width) reach(pixel + width)
  }
  for (let i = 0; i < count; i++) {
    const box = around(reached[i] as number, 1) // what the brush covers, not its middle alone
    for (let y = box.top; y < box.top + box.height; y++)
      mask.fill(0, y * width + box.left, y * width + box.left + box.width)
  }
  return mask
}
