/** Pixels of the largest image that can be read, by the limit of libvips. */
const MOST_PIXELS = 2 ** 28

/** Whether a value read from a file is `[height, width]` in pixels, of an image that there can be. */
export function isSize(value: unknown): value is readonly [number, number] {
  const isPair =
    Array.isArray(value) && value.length === 2 && value.every((side) => Number.isSafeInteger(side) && side > 0)
  return isPair && (value[0] as number) * (value[1] as number) <= MOST_PIXELS
}
