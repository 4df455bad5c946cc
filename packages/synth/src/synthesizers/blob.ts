import { randomInteger, type Rng } from '@tab/core'
import { boxWithin, type Canvas } from '../canvas.ts'
import { smoothStep } from '../image/smooth-step.ts'
import { perlinNoise } from '../noise/perlin.ts'
import type { Box } from '../report.ts'

/** A round, uneven spot. */
export interface Blob {
  readonly box: Box
  /** Centre in pixels. */
  readonly centre: readonly [number, number]
  /** [box.height * box.width], 1 inside, 0 outside, soft at the edge. */
  readonly alpha: Float32Array
}

/** A random pixel of the foreground, all equally likely. */
export function drawPlace(rng: Rng, foreground: Uint8Array): number {
  for (let draw = 0; draw < 200; draw++) {
    const pixel = randomInteger(rng, 0, foreground.length - 1)
    if (foreground[pixel] === 1) return pixel
  }
  // For a small object, count its pixels.
  const pixels = Array.from(foreground.keys()).filter((pixel) => foreground[pixel] === 1)
  return pixels[randomInteger(rng, 0, pixels.length - 1)] as number
}

/**
 * A blob centred on the foreground.
 * @param radius [vertical, horizontal] in pixels
 * @param unevenness how far Perlin noise moves the edge, as a share of the radius
 * @param softness the share of the radius over which the edge fades
 */
export function drawBlob(
  canvas: Canvas,
  rng: Rng,
  foreground: Uint8Array,
  radius: readonly [number, number],
  unevenness: number,
  softness: number,
): Blob {
  const place = drawPlace(rng, foreground)
  const centre = [Math.floor(place / canvas.width), place % canvas.width] as const
  const [reachY, reachX] = [radius[0] * (1 + unevenness), radius[1] * (1 + unevenness)]
  const box = boxWithin(canvas, centre[0] - reachY, centre[1] - reachX, centre[0] + reachY, centre[1] + reachX)
  const noise = perlinNoise(rng, box.height, box.width, [3, 3], 0)
  const alpha = noise.map((value, i) => {
    const dy = (box.top + Math.floor(i / box.width) - centre[0]) / radius[0]
    const dx = (box.left + (i % box.width) - centre[1]) / radius[1]
    const distance = Math.sqrt(dy * dy + dx * dx) - unevenness * value
    return 1 - smoothStep(1 - softness, 1, distance)
  })
  return { box, centre, alpha }
}

/** Calls a function for every pixel that a shape covers noticeably, and marks the pixel. */
export function forCovered(
  { width, mask }: Canvas,
  { box, alpha }: Pick<Blob, 'box' | 'alpha'>,
  draw: (pixel: number, alpha: number, y: number, x: number) => void,
): void {
  for (let i = 0; i < alpha.length; i++) {
    const cover = alpha[i] as number
    if (cover < 0.02) continue
    const [y, x] = [box.top + Math.floor(i / box.width), box.left + (i % box.width)]
    mask[y * width + x] = 1
    draw(y * width + x, cover, y, x)
  }
}
