/** Whether a value read from a file is `[height, width]` in pixels. */
export function isSize(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((side) => Number.isSafeInteger(side) && side > 0)
}
