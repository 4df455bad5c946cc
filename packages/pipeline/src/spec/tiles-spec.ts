import type { TileOptions } from '@tab/adapters'
import * as z from 'zod'
import { size } from './fields.ts'

/** How images are cut into tiles: by the size of a tile, or by the number of rows and columns; plain JSON. */
export type TilesSpec = TileOptions

const overlap = z.int().min(0).optional()
const number = z.int().min(1).max(256)

export const TILES_SPEC: z.ZodType<TilesSpec> = z.union([
  z.strictObject({ size, overlap }),
  z.strictObject({ grid: z.tuple([number, number]), overlap }),
])

/** Tiles in one line, for the record. */
export function tilesText(tiles: TilesSpec): string {
  const layout = 'grid' in tiles ? `${tiles.grid.join(' by ')} tiles` : `${tiles.size.join(' x ')} px`
  return tiles.overlap === undefined ? layout : `${layout}, overlap ${tiles.overlap} px`
}
