import { checkNumber, TabError } from '@tab/core'

/** How images are cut: in tiles of a size, or in a number of rows and columns; neighbours overlap. */
export type TileOptions = (
  | { /** `[height, width]` of a tile in pixels. */ readonly size: readonly [number, number] }
  | { /** Number of `[rows, columns]` of tiles. */ readonly grid: readonly [number, number] }
) & {
  /** Pixels that two neighbours have in common, at least; at most half of a tile. Default: an eighth of its shorter side. */
  readonly overlap?: number | undefined
}

/**
 * `[height, width]` of the tiles of an image.
 * @param image `[height, width]`
 * @throws INVALID_ARGUMENT for tiles larger than the image
 * @example
 * ```ts
 * import { tileSize } from '@tab/adapters'
 *
 * console.log(tileSize([3000, 4000], { grid: [3, 4], overlap: 64 })) // [ 1043, 1048 ]
 * ```
 */
export function tileSize(image: readonly [number, number], tiles: TileOptions): readonly [number, number] {
  return sizeOfTile('tileSize', image, tiles)
}

/** Where the tiles of an image lie: those of a row begin at the same `top`, those of a column at the same `left`. */
export interface Tiling {
  /** `[height, width]` of a tile. */
  readonly size: readonly [number, number]
  readonly tops: readonly number[]
  readonly lefts: readonly number[]
}

/** A tile's upper left corner, and the number of its row and column. */
export interface TilePlace {
  readonly row: number
  readonly column: number
  readonly top: number
  readonly left: number
}

const OVERLAP_SHARE = 1 / 8

/**
 * Lays tiles over an image: as few as cover it with the overlap, evenly spread, the first and the last at its borders.
 * @param image `[height, width]`
 * @throws INVALID_ARGUMENT for tiles larger than the image, or an overlap of more than half of a tile
 */
export function planTiles(where: string, image: readonly [number, number], tiles: TileOptions): Tiling {
  const size = sizeOfTile(where, image, tiles)
  const overlap = tiles.overlap ?? Math.round(OVERLAP_SHARE * Math.min(...size))
  const starts = (axis: 0 | 1): number[] => {
    const [side, length] = [image[axis], size[axis]]
    const most = length < side ? { maximum: Math.floor(length / 2) } : {} // a single tile overlaps with none
    checkNumber(where, 'tiles.overlap', overlap, { integer: true, minimum: 0, ...most })
    const count = 'grid' in tiles ? tiles.grid[axis] : Math.max(1, Math.ceil((side - overlap) / (length - overlap)))
    return Array.from({ length: count }, (_, index) =>
      index === 0 ? 0 : Math.round((index * (side - length)) / (count - 1)),
    )
  }
  return { size, tops: starts(0), lefts: starts(1) }
}

function sizeOfTile(where: string, image: readonly [number, number], tiles: TileOptions): readonly [number, number] {
  const [height, width] = image
  const name = 'grid' in tiles ? 'tiles.grid' : 'tiles.size'
  const asked = 'grid' in tiles ? tiles.grid : tiles.size
  for (const number of asked) checkNumber(where, name, number, { integer: true, minimum: 1 })
  if (asked[0] > height || asked[1] > width) {
    const actual = `${asked.join(' x ')} for ${height} x ${width} pixels`
    throw new TabError('INVALID_ARGUMENT', { where, expected: `${name} must be at most the size of the image`, actual })
  }
  if (!('grid' in tiles)) return tiles.size
  const side = (axis: 0 | 1): number => {
    const count = asked[axis]
    if (tiles.overlap === undefined) return Math.ceil(image[axis] / (count - (count - 1) * OVERLAP_SHARE))
    return Math.ceil((image[axis] + (count - 1) * tiles.overlap) / count)
  }
  return [side(0), side(1)]
}

/** The tiles of an image, row by row. */
export function tilePlaces({ tops, lefts }: Tiling): TilePlace[] {
  return tops.flatMap((top, row) => lefts.map((left, column) => ({ row, column, top, left })))
}
