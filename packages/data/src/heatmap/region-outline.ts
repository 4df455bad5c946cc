/**
 * The line around the regions of a map above a threshold: pixels at or below it with a side in common with one above it. It lies
 * outside the regions, so that small ones stay visible; where a region touches the border of the map, the line is open.
 * @param map [height * width]
 * @returns indices of the pixels, ascending
 */
export function regionOutline(map: Float32Array, height: number, width: number, threshold: number): number[] {
  const isAbove = (y: number, x: number): boolean =>
    y >= 0 && y < height && x >= 0 && x < width && (map[y * width + x] as number) > threshold
  const line: number[] = []
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (isAbove(y, x)) continue
      if (isAbove(y - 1, x) || isAbove(y + 1, x) || isAbove(y, x - 1) || isAbove(y, x + 1)) line.push(y * width + x)
    }
  }
  return line
}
