import { tensor, type Tensor } from '@tab/core'

/** The source pixels of a target pixel: the first one, and the weight of each. */
interface Coverage {
  readonly first: number
  readonly weights: readonly number[]
}

/**
 * Makes images smaller: each pixel is the mean of the area that it covers, so that nothing aliases.
 * @param images [N,H,W,C] in [0,1]
 * @param scale above 0, at most 1; sides are rounded, and at least 1
 * @returns in [0,1]
 */
export function shrink(images: Tensor, scale: number): Tensor {
  const [count, height, width, channels] = images.shape as [number, number, number, number]
  const [rows, columns] = [coverages(height, scale), coverages(width, scale)]
  const wide = new Float64Array(columns.length * channels)
  const result = new Float32Array(count * rows.length * columns.length * channels)
  for (let image = 0, to = 0; image < count; image++) {
    for (const row of rows) {
      wide.fill(0)
      row.weights.forEach((weight, offset) => {
        const start = (image * height + row.first + offset) * width * channels
        columns.forEach((column, x) => {
          column.weights.forEach((share, dx) => {
            const from = start + (column.first + dx) * channels
            for (let c = 0; c < channels; c++) {
              const at = x * channels + c
              wide[at] = (wide[at] as number) + weight * share * (images.data[from + c] as number)
            }
          })
        })
      })
      // Weights add up to 1 but for rounding, which must not leave [0,1].
      for (const value of wide) result[to++] = Math.min(1, Math.max(0, value))
    }
  }
  return tensor([count, rows.length, columns.length, channels], result)
}

function coverages(from: number, scale: number): Coverage[] {
  const to = Math.max(1, Math.round(from * scale))
  const step = from / to
  return Array.from({ length: to }, (_, index) => {
    const [start, end] = [index * step, Math.min(from, (index + 1) * step)]
    const first = Math.floor(start)
    const weights: number[] = []
    for (let pixel = first; pixel < end; pixel++) {
      weights.push((Math.min(end, pixel + 1) - Math.max(start, pixel)) / step)
    }
    return { first, weights }
  })
}
