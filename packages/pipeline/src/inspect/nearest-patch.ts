import type { Tensor } from '@tab/core'
import { pixelAt, type MapPlace, type NearestPatch } from './regions.ts'

/**
 * The good patch that is nearest to a place of a map.
 * @param nearest [h,w,3] of a grid over the map: number of the good image, row and column there
 * @param goodImages their names, by number
 */
export function nearestPatch(
  nearest: Tensor<'int32'>,
  { shape }: Tensor,
  peak: { readonly row: number; readonly column: number },
  place: MapPlace,
  goodImages: readonly string[],
): NearestPatch | undefined {
  const [rows, columns] = nearest.shape as [number, number, number]
  const y = Math.floor(((peak.row + 0.5) * rows) / (shape[0] as number))
  const x = Math.floor(((peak.column + 0.5) * columns) / (shape[1] as number))
  const at = (y * columns + x) * 3
  const [image, row, column] = nearest.data.subarray(at, at + 3) as unknown as [number, number, number]
  if (image < 0) return undefined
  const name = goodImages[image]
  return {
    image,
    ...(name === undefined ? {} : { name }),
    at: { x: pixelAt(column + 0.5, 1, place), y: pixelAt(row + 0.5, 0, place) },
  }
}
