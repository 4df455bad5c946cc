import {
  assertPixels,
  assertTensor,
  checkNumber,
  formatShape,
  TabError,
  tensor,
  tensorOf,
  type JsonValue,
  type Rng,
  type Tensor,
} from '@tab/core'
import type { Box, Synthesizer } from './report.ts'

/** The image in progress: the original, the pixels drawn so far, and their mask. */
export interface Canvas {
  readonly height: number
  readonly width: number
  readonly image: Tensor
  /** [H*W*3], the original image; must not be changed. */
  readonly source: Float32Array
  /** [H*W*3] to draw on; equals the source at first, and is clipped to [0,1] at the end. */
  readonly pixels: Float32Array
  /** [H*W], to be set to 1 wherever pixels are drawn; other changes are undone. */
  readonly mask: Uint8Array
}

/** The result of a draw. All changes are inside the boxes. */
export interface Drawn {
  readonly boxes: readonly Box[]
  readonly parameters: Readonly<Record<string, JsonValue>>
}

const ATTEMPTS = 10
/** One of 255 steps of brightness, the smallest change that counts. */
export const GREY_LEVEL: number = 1 / 255

/**
 * Makes a synthesizer of a function that draws a defect, or returns undefined if the random choices left no room for one. A try
 * succeeds if at least one pixel changed by more than a grey level; after ten failures, the image has no room for this defect.
 */
export function synthesizer(name: string, draw: (canvas: Canvas, rng: Rng) => Drawn | undefined): Synthesizer {
  const checked = new WeakSet<Tensor>() // by tensor, as its data may come again in another shape
  return {
    name,
    synthesize(image, rng) {
      if (!checked.has(image)) checkImage(`${name}.synthesize`, image)
      checked.add(image)
      const [height, width] = image.shape as [number, number]
      const [pixels, mask] = [image.data.slice(), new Uint8Array(height * width)]
      const canvas = { height, width, image, source: image.data, pixels, mask }
      for (let attempts = 1; attempts <= ATTEMPTS; attempts++) {
        const drawn = draw(canvas, rng)
        if (drawn && settle(canvas, drawn.boxes) > GREY_LEVEL) {
          return {
            image: tensor([height, width, 3], pixels),
            mask: tensorOf('uint8', [height, width], mask),
            report: { kind: name, ...drawn, attempts },
          }
        }
        pixels.set(image.data)
        mask.fill(0)
      }
      throw new TabError('UNDEFINED_RESULT', {
        where: `${name}.synthesize`,
        message: `no visible defect in ${ATTEMPTS} tries: the image is constant, or the foreground has no room for one`,
      })
    },
  }
}

/** Undoes changes outside the mask, clips the rest to [0,1], and returns the largest change. */
function settle({ width, source, pixels, mask }: Canvas, boxes: readonly Box[]): number {
  let largest = 0
  for (const box of boxes) {
    for (let y = box.top; y < box.top + box.height; y++) {
      for (let pixel = y * width + box.left, end = pixel + box.width; pixel < end; pixel++) {
        const keep = mask[pixel] === 1
        for (let at = pixel * 3; at < pixel * 3 + 3; at++) {
          const before = source[at] as number
          const drawn = keep ? (pixels[at] as number) : before
          const value = drawn < 0 ? 0 : drawn > 1 ? 1 : drawn
          pixels[at] = value
          const change = Math.abs(value - before)
          if (change > largest) largest = change
        }
      }
    }
  }
  return largest
}

/** @throws INVALID_ARGUMENT for another shape than [H,W,3] with sides from 32 to 4096, or values outside [0,1] */
export function checkImage(where: string, image: Tensor): void {
  assertTensor(where, 'image', image, ['H', 'W', 3])
  const limits = { integer: true, minimum: 32, maximum: 4096 }
  checkNumber(where, 'image height', image.shape[0] as number, limits)
  checkNumber(where, 'image width', image.shape[1] as number, limits)
  checkPixels(where, 'image', image)
}

/** @throws INVALID_ARGUMENT for another shape than [H,W,3], no pixels, or values outside [0,1] */
export function checkPixels(where: string, name: string, image: Tensor): void {
  assertTensor(where, name, image, ['H', 'W', 3])
  if (image.data.length === 0) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: `${name} must have pixels`,
      actual: formatShape(image.shape),
    })
  }
  assertPixels(name === 'image' ? where : `${where}, ${name}`, image.data)
}

/** The smallest box around the pixels of a mask, or undefined for an empty one. */
export function boxAround(mask: Uint8Array, height: number, width: number): Box | undefined {
  let [top, bottom, left, right] = [height, -1, width, -1]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (mask[y * width + x] === 0) continue
      if (y < top) top = y
      bottom = y
      if (x < left) left = x
      if (x > right) right = x
    }
  }
  return bottom < 0 ? undefined : { top, left, height: bottom - top + 1, width: right - left + 1 }
}

/** The part of a box with fractional edges that is in the image. */
export function boxWithin(canvas: Canvas, top: number, left: number, bottom: number, right: number): Box {
  const [y0, x0] = [Math.max(0, Math.floor(top)), Math.max(0, Math.floor(left))]
  const [y1, x1] = [Math.min(canvas.height, Math.ceil(bottom) + 1), Math.min(canvas.width, Math.ceil(right) + 1)]
  return { top: y0, left: x0, height: Math.max(0, y1 - y0), width: Math.max(0, x1 - x0) }
}
