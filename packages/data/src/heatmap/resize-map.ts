import { assertTensor, firstNonFinite, TabError, tensor, type Tensor } from '@tab/core'
import { resizeImage, type Size } from '../resize.ts'

/**
 * Checks an anomaly map and resizes it bilinearly, with antialiasing where it shrinks.
 * @param map [H,W], of any range
 * @returns [height,width]
 * @throws INVALID_ARGUMENT for another shape or an impossible size, NUMERICAL for a value that is not finite
 */
export function resizeMap(where: string, map: Tensor, size: Size | undefined): Tensor {
  assertTensor(where, 'map', map, ['H', 'W'])
  const { data, shape } = map
  const wrong = firstNonFinite(data)
  if (wrong >= 0) {
    const actual = `${data[wrong]} at element ${wrong}`
    throw new TabError('NUMERICAL', { where, expected: 'map values must be finite', actual })
  }
  if (!size || (size[0] === shape[0] && size[1] === shape[1])) return map
  // The resize of images, which takes [0,1]: map values go there and back on a straight line.
  let [low, high] = [Infinity, -Infinity]
  for (const value of data) [low, high] = [Math.min(low, value), Math.max(high, value)]
  const span = high - low || 1
  const image = tensor(
    [...shape, 1],
    data.map((value) => Math.min(1, (value - low) / span)),
  )
  const resized = resizeImage(image, size)
  return tensor(
    [...size],
    resized.data.map((value) => low + value * span),
  )
}
