import type { Box } from '../report.ts'

/** Sums over all rectangles from the corner of a mask (Crow 1984); the sum of any box then takes four look-ups. */
export interface SummedArea {
  readonly height: number
  readonly width: number
  /** [(H+1) * (W+1)] */
  readonly sums: Uint32Array
}

export function summedArea(mask: Uint8Array, height: number, width: number): SummedArea {
  const stride = width + 1
  const sums = new Uint32Array((height + 1) * stride)
  for (let y = 0; y < height; y++) {
    let row = 0
    for (let x = 0; x < width; x++) {
      row += mask[y * width + x] as number
      sums[(y + 1) * stride + x + 1] = (sums[y * stride + x + 1] as number) + row
    }
  }
  return { height, width, sums }
}

/** The share of ones in a box. */
export function shareOfOnes({ width, sums }: SummedArea, box: Box): number {
  const stride = width + 1
  const [top, bottom] = [box.top * stride, (box.top + box.height) * stride]
  const [left, right] = [box.left, box.left + box.width]
  const sum =
    (sums[bottom + right] as number) -
    (sums[top + right] as number) -
    (sums[bottom + left] as number) +
    (sums[top + left] as number)
  return sum / (box.height * box.width)
}
