import { GREY_LEVEL, type Canvas } from '../canvas.ts'
import type { Box } from '../report.ts'

/** Marks pixels that changed by more than a grey level; a 3 x 3 median removes single pixels and fills single holes. */
export function labelChanges({ height, width, source, pixels, mask }: Canvas, boxes: readonly Box[]): void {
  const changed = new Uint8Array(mask.length)
  for (const box of boxes) {
    for (let y = box.top; y < box.top + box.height; y++) {
      for (let pixel = y * width + box.left, end = pixel + box.width; pixel < end; pixel++) {
        const at = pixel * 3
        const red = Math.abs((pixels[at] as number) - (source[at] as number))
        const green = Math.abs((pixels[at + 1] as number) - (source[at + 1] as number))
        const blue = Math.abs((pixels[at + 2] as number) - (source[at + 2] as number))
        if (red > GREY_LEVEL || green > GREY_LEVEL || blue > GREY_LEVEL) changed[pixel] = 1
      }
    }
  }
  const columnSum = (pixel: number, above: boolean, below: boolean): number =>
    (changed[pixel] as number) +
    (above ? (changed[pixel - width] as number) : 0) +
    (below ? (changed[pixel + width] as number) : 0)
  for (const box of boxes) {
    for (let y = box.top; y < box.top + box.height; y++) {
      const [above, below] = [y > 0, y < height - 1]
      const row = y * width
      let left = box.left > 0 ? columnSum(row + box.left - 1, above, below) : 0
      let middle = columnSum(row + box.left, above, below)
      for (let x = box.left; x < box.left + box.width; x++) {
        const right = x < width - 1 ? columnSum(row + x + 1, above, below) : 0
        mask[row + x] = left + middle + right >= 5 ? 1 : 0
        left = middle
        middle = right
      }
    }
  }
}
