import type { Pixels } from '../image/bilinear.ts'

/** A copy sharpened by `strength` times the difference from the 3 x 3 mean; the outermost pixels stay as they are. */
export function sharpen({ height, width, data }: Pixels, strength: number): Pixels {
  const result = data.slice()
  const row = width * 3
  for (let y = 1; y < height - 1; y++) {
    for (let at = y * row + 3, end = (y + 1) * row - 3; at < end; at++) {
      const centre = data[at] as number
      const above = (data[at - row - 3] as number) + (data[at - row] as number) + (data[at - row + 3] as number)
      const below = (data[at + row - 3] as number) + (data[at + row] as number) + (data[at + row + 3] as number)
      const mean = (above + below + (data[at - 3] as number) + centre + (data[at + 3] as number)) / 9
      const value = centre + strength * (centre - mean)
      result[at] = value < 0 ? 0 : value > 1 ? 1 : value
    }
  }
  return { height, width, data: result }
}
