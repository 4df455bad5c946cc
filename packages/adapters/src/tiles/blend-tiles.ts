import type { TilePlace, Tiling } from './plan-tiles.ts'

/** Adds the maps of tiles up to the map of their image, without seams. */
export interface TileBlend {
  /**
   * @param tile [h * w] of the tile
   * @param map [H * W] of the image, to add to
   */
  add(tile: Float32Array, place: TilePlace, map: Float32Array): void
}

/**
 * Where tiles overlap, their values are averaged with weights that fall linearly to 0 at the edge of a tile, where it knows least of what is
 * around a pixel. A weight is the product of one for the row and one for the column, and those of each line add up to 1.
 * @param image `[height, width]`
 */
export function tileBlend(image: readonly [number, number], { size, tops, lefts }: Tiling): TileBlend {
  const [height, width] = size
  const down = lineWeights(image[0], height, tops)
  const across = lineWeights(image[1], width, lefts)
  return {
    add(tile, { row, column, top, left }, map) {
      const [rows, columns] = [down[row] as Float64Array, across[column] as Float64Array]
      for (let y = 0; y < height; y++) {
        const target = (top + y) * image[1] + left
        for (let x = 0; x < width; x++) {
          const weight = (rows[y] as number) * (columns[x] as number)
          map[target + x] = (map[target + x] as number) + weight * (tile[y * width + x] as number)
        }
      }
    },
  }
}

/** Of each tile of a line, the weight of each of its pixels. */
function lineWeights(side: number, length: number, starts: readonly number[]): Float64Array[] {
  const raw = starts.map((start, index) => {
    const before = index === 0 ? 0 : (starts[index - 1] as number) + length - start
    const after = index === starts.length - 1 ? 0 : start + length - (starts[index + 1] as number)
    const ramp = (distance: number, overlap: number): number => (overlap > 0 ? Math.min(1, distance / overlap) : 1)
    return Float64Array.from({ length }, (_, x) => Math.min(ramp(x + 0.5, before), ramp(length - x - 0.5, after)))
  })
  const sums = new Float64Array(side)
  raw.forEach((weights, index) =>
    weights.forEach((weight, x) => {
      const at = (starts[index] as number) + x
      sums[at] = (sums[at] as number) + weight
    }),
  )
  return raw.map((weights, index) =>
    weights.map((weight, x) => weight / (sums[(starts[index] as number) + x] as number)),
  )
}
