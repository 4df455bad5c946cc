import { assertPixels } from '@tab/core'

/**
 * The 8-bit levels nearest to values in [0, 1], for image encoders and canvases.
 * @returns one level from 0 to 255 per value
 * @throws INVALID_ARGUMENT for values outside [0,1], NUMERICAL for NaN
 * @example
 * ```ts
 * import { toLevels } from '@tab/data'
 * console.log([...toLevels(Float32Array.of(0, 0.5, 1))]) // [ 0, 128, 255 ]
 * ```
 */
export function toLevels(values: Float32Array): Uint8ClampedArray<ArrayBuffer> {
  assertPixels('toLevels', values)
  const levels = new Uint8ClampedArray(values.length)
  for (let i = 0; i < values.length; i++) levels[i] = (values[i] as number) * 255
  return levels
}
