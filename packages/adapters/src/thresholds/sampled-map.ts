const KEPT = 2 ** 20 // values of a map

/**
 * A map as thresholds need it: whole up to 2^20 values, above that every k-th row and column of it, so that the maps of large images fit into
 * memory. What is promised of pixels then holds for these.
 * @param map [height * width], or the mask of one
 */
export function sampledMap<M extends Float32Array | Uint8Array>(map: M, height: number, width: number): M {
  const step = Math.ceil(Math.sqrt((height * width) / KEPT))
  if (step <= 1) return map
  const [rows, columns] = [Math.ceil(height / step), Math.ceil(width / step)]
  const kept = (map instanceof Uint8Array ? new Uint8Array(rows * columns) : new Float32Array(rows * columns)) as M
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) kept[y * columns + x] = map[y * step * width + x * step] as number
  return kept
}
