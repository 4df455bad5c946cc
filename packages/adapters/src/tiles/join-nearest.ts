import { tensorOf, type Tensor } from '@tab/core'
import type { TilePlace, Tiling } from './plan-tiles.ts'

/** Puts the nearest good patches of tiles together to those of their image. */
export interface NearestJoin {
  /** @param nearest [h,w,3] of the tile */
  add(nearest: Tensor<'int32'>, place: TilePlace): void
  /** [rows,columns,3] of the image; -1 where no tile knows; undefined before the first tile. */
  finish(): Tensor<'int32'> | undefined
}

/**
 * The cells of the image are as large as those of tiles. Each takes what the tile says in whose middle it lies most.
 * @param image `[height, width]`
 */
export function joinNearest(image: readonly [number, number], { size }: Tiling): NearestJoin {
  let grid: readonly [number, number] | undefined
  let joined = new Int32Array(0)
  let depths = new Float64Array(0)
  return {
    add({ shape, data }, { top, left }) {
      const [rows, columns] = shape as [number, number, number]
      if (!grid) {
        grid = [Math.ceil((image[0] * rows) / size[0]), Math.ceil((image[1] * columns) / size[1])]
        joined = new Int32Array(grid[0] * grid[1] * 3).fill(-1)
        depths = new Float64Array(grid[0] * grid[1])
      }
      for (let y = 0; y < grid[0]; y++) {
        const down = ((y + 0.5) * image[0]) / grid[0] - top
        if (down < 0 || down >= size[0]) continue
        for (let x = 0; x < grid[1]; x++) {
          const across = ((x + 0.5) * image[1]) / grid[1] - left
          if (across < 0 || across >= size[1]) continue
          const depth = Math.min(down, size[0] - down) * Math.min(across, size[1] - across)
          const at = y * grid[1] + x
          if (depth <= (depths[at] as number)) continue
          depths[at] = depth
          const from = (Math.floor((down * rows) / size[0]) * columns + Math.floor((across * columns) / size[1])) * 3
          joined.set(data.subarray(from, from + 3), at * 3)
        }
      }
    },
    finish: () => grid && tensorOf('int32', [...grid, 3], joined),
  }
}
