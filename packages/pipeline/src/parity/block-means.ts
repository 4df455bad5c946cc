import type { Tensor } from '@tab/core'

const BLOCKS = 4

/** Means of a map [H,W] over 4 x 4 blocks, row by row. */
export function meansOfBlocks({ shape, data }: Tensor): number[] {
  const [height, width] = shape as [number, number]
  const spans = (length: number): (readonly [number, number])[] =>
    Array.from({ length: BLOCKS }, (_, block) => {
      const from = Math.floor((block * length) / BLOCKS)
      return [from, Math.max(from + 1, Math.floor(((block + 1) * length) / BLOCKS))]
    })
  return spans(height).flatMap(([top, bottom]) =>
    spans(width).map(([left, right]) => {
      let sum = 0
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += data[y * width + x] as number
      return sum / ((bottom - top) * (right - left))
    }),
  )
}
