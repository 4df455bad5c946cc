import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createRng,
  deriveRng,
  isTabError,
  randomInteger,
  sampleIndices,
  tensor,
  tensorOf,
  throwIfAborted,
  type LongTaskOptions,
  type Rng,
  type Tensor,
} from '@tab/core'
import { resizeImage, type Sample } from '@tab/data'
import { readImage, writeImage, writeMask } from '@tab/data/node'
import { foregroundMask, scratch, stain } from '@tab/synth'

/** A synthetic defect in a photograph. */
export interface PaintedDefect {
  /** A file and its mask. */
  readonly sample: Sample
  /** The good photograph that it is painted on. */
  readonly source: Sample
  /** In pixels of the photograph: the diameter of a spot, the length of a scratch. */
  readonly width: number
}

const NARROWEST = 4 // pixels: the narrowest spot that is more than a few of them
const MOST_WIDTHS = 7
const WIDEST_SHARE = 1 / 4 // of the shorter side
const SOURCES = 10
const MOST_PIXELS = 4e8 // of all that is painted: a few hundred MB of files
const LEAST_SOURCES = 3
const WINDOW = 8 // widths
const SMALLEST_WINDOW = 32 // pixels, as the synthesizers take
const OVERVIEW = 256 // pixels, to find the object in
const SCRATCH_THINNESS = 8
const DRAWS = 8
const PLAIN = 0.15 // of the brightness, on the mean over a defect with its soft edge
/** Contrasts that a person sees at once; what is found of fainter ones depends on how faint they are. */
const SPOT_STRENGTH = [0.5, 0.9] as const
const SCRATCH_STRENGTH = [0.3, 0.6] as const

/**
 * Widths of defects to paint in a photograph, ascending powers of two: up to a quarter of its shorter side, down to 4 px, seven at most.
 * @param size `[height, width]`
 */
export function defectWidths(size: readonly [number, number]): number[] {
  const widest = Math.max(NARROWEST, 2 ** Math.floor(Math.log2(Math.min(...size) * WIDEST_SHARE)))
  const widths: number[] = []
  for (let width = widest; width >= NARROWEST && widths.length < MOST_WIDTHS; width /= 2) widths.unshift(width)
  return widths
}

/**
 * Paints spots and scratches of several widths, one in each copy of a good photograph, where the part is, and writes copies and masks.
 * @param good photographs that no fit sees; some of them are drawn where there are many
 * @param folder made
 * @throws INVALID_DATA, NOT_FOUND naming the file; ABORTED
 */
export async function paintDefects(
  good: readonly Sample[],
  size: readonly [number, number],
  folder: string,
  seed: number,
  { signal, onProgress }: LongTaskOptions,
): Promise<PaintedDefect[]> {
  const widths = defectWidths(size)
  const affordable = Math.floor(MOST_PIXELS / (size[0] * size[1] * widths.length))
  const count = Math.min(good.length, Math.max(LEAST_SOURCES, Math.min(SOURCES, affordable)))
  const sources = sampleIndices(createRng(seed), good.length, count).map((index) => good[index] as Sample)
  const painted: PaintedDefect[] = []
  await mkdir(folder, { recursive: true })
  for (const [number, source] of sources.entries()) {
    const image = await readImage(source.path)
    const object = objectOf(image)
    for (const [step, width] of widths.entries()) {
      throwIfAborted('choose', signal)
      const pair = paintVisibly(image, object, width, (number + step) % 2 === 0, (draw) =>
        deriveRng(seed, 'defect', number, width, draw),
      )
      if (!pair) continue // a photograph without any room for it, such as an all-black one
      const path = join(folder, `${number}-${width}.png`)
      const maskPath = join(folder, `${number}-${width}-mask.png`)
      await writeImage(path, pair.image)
      await writeMask(maskPath, pair.mask)
      const id = `${source.id}, ${width} px`
      painted.push({
        sample: { id, path, maskPath, split: 'test', label: 1, defect: `synthetic, ${width} px` },
        source,
        width,
      })
    }
    onProgress?.({ phase: 'paint defects', done: number + 1, total: sources.length })
  }
  return painted
}

/** Where the part is, [h,w] of a small image. */
function objectOf(image: Tensor): Tensor<'uint8'> {
  const [height, width] = image.shape as [number, number]
  const scale = Math.min(1, OVERVIEW / Math.max(height, width))
  const small = [height, width].map((side) => Math.max(1, Math.round(side * scale))) as [number, number]
  return foregroundMask(resizeImage(image, small))
}

/** A part of an image with a defect in its middle. */
interface Patch {
  readonly top: number
  readonly left: number
  readonly before: Tensor
  readonly after: Tensor
  readonly mask: Tensor<'uint8'>
}

/** The first of some draws that can be seen plainly, or the plainest: a bright scratch on bright ground hardly changes it. */
function paintVisibly(
  image: Tensor,
  object: Tensor<'uint8'>,
  width: number,
  isSpot: boolean,
  rngOf: (draw: number) => Rng,
): { readonly image: Tensor; readonly mask: Tensor<'uint8'> } | undefined {
  let plainest: { readonly patch: Patch; readonly contrast: number } | undefined
  for (let draw = 0; draw < DRAWS && (plainest?.contrast ?? 0) < PLAIN; draw++) {
    const patch = drawPatch(image, object, width, isSpot, rngOf(draw))
    const contrast = patch ? contrastOf(patch) : 0
    if (patch && contrast > (plainest?.contrast ?? 0)) plainest = { patch, contrast }
  }
  return plainest && pasted(image, plainest.patch)
}

/** The mean change of a pixel of the mask, in its channel that changes most. */
function contrastOf({ before, after, mask }: Patch): number {
  let [sum, count] = [0, 0]
  for (let pixel = 0; pixel < mask.data.length; pixel++) {
    if (mask.data[pixel] === 0) continue
    let most = 0
    for (let at = pixel * 3; at < pixel * 3 + 3; at++) {
      most = Math.max(most, Math.abs((after.data[at] as number) - (before.data[at] as number)))
    }
    sum += most
    count++
  }
  return count === 0 ? 0 : sum / count
}

/** One defect in the middle of a window of the image; undefined where nothing can be seen of it. */
function drawPatch(
  image: Tensor,
  object: Tensor<'uint8'>,
  width: number,
  isSpot: boolean,
  rng: Rng,
): Patch | undefined {
  const [height, across] = image.shape as [number, number, number]
  const centre = placeOn(object, [height, across], rng)
  const wanted = Math.max(SMALLEST_WINDOW, WINDOW * width)
  const [rows, columns] = [Math.min(height, wanted), Math.min(across, wanted)]
  const top = Math.min(height - rows, Math.max(0, centre[0] - (rows >> 1)))
  const left = Math.min(across - columns, Math.max(0, centre[1] - (columns >> 1)))
  const window = new Float32Array(rows * columns * 3)
  for (let y = 0; y < rows; y++) {
    const start = ((top + y) * across + left) * 3
    window.set(image.data.subarray(start, start + columns * 3), y * columns * 3)
  }
  const middle = new Uint8Array(rows * columns)
  middle[(centre[0] - top) * columns + centre[1] - left] = 1
  const foreground = tensorOf('uint8', [rows, columns], middle)
  const side = Math.min(rows, columns)
  const diagonal = Math.sqrt(rows * rows + columns * columns)
  const exactly = (value: number): [number, number] => [value, value]
  const synthesizer = isSpot
    ? stain({ radius: exactly(Math.min(0.5, width / 2 / side)), strength: SPOT_STRENGTH, foreground })
    : scratch({
        length: exactly(Math.min(1, width / diagonal)),
        width: exactly(Math.min(64, ((width / SCRATCH_THINNESS) * 256) / side)),
        strength: SCRATCH_STRENGTH,
        foreground,
      })
  const before = tensor([rows, columns, 3], window)
  const drawn = synthesizeOrNone(() => synthesizer.synthesize(before, rng))
  return drawn && { top, left, before, after: drawn.image, mask: drawn.mask }
}

function pasted(
  image: Tensor,
  { top, left, after, mask }: Patch,
): { readonly image: Tensor; readonly mask: Tensor<'uint8'> } {
  const [height, across] = image.shape as [number, number, number]
  const [rows, columns] = mask.shape as [number, number]
  const pixels = image.data.slice()
  const marks = new Uint8Array(height * across)
  for (let y = 0; y < rows; y++) {
    const start = (top + y) * across + left
    pixels.set(after.data.subarray(y * columns * 3, (y + 1) * columns * 3), start * 3)
    marks.set(mask.data.subarray(y * columns, (y + 1) * columns), start)
  }
  return { image: tensor(image.shape, pixels), mask: tensorOf('uint8', [height, across], marks) }
}

/** A random pixel of the part, in the large image. */
function placeOn(object: Tensor<'uint8'>, size: readonly [number, number], rng: Rng): readonly [number, number] {
  const [rows, columns] = object.shape as [number, number]
  const places = [...object.data.keys()].filter((index) => object.data[index] === 1)
  const place = places[randomInteger(rng, 0, places.length - 1)] as number
  const scaled = (at: number, from: number, to: number): number =>
    Math.min(to - 1, Math.floor(((at + 0.5) * to) / from))
  return [scaled(Math.floor(place / columns), rows, size[0]), scaled(place % columns, columns, size[1])]
}

function synthesizeOrNone<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch (error) {
    if (isTabError(error, 'UNDEFINED_RESULT')) return undefined
    throw error
  }
}
