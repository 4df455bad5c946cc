import { assertTensor, formatShape, TabError, type Tensor } from '@tab/core'
import type { ForegroundOf } from '../report.ts'
import { foregroundMask } from './foreground-mask.ts'

/** Where the object is: `auto` finds it, `none` takes the whole image, a function or a mask defines it. */
export type Foreground = 'auto' | 'none' | ForegroundOf | Tensor<'uint8'>

/**
 * The foreground of images, each found once.
 * @returns [H*W], 1 on the object
 */
export function foregroundFinder(where: string, foreground: Foreground): (image: Tensor) => Uint8Array {
  const known = new WeakMap<Tensor, Uint8Array>() // by the tensor: its data may come again in another shape
  return (image) => {
    const before = known.get(image)
    if (before) return before
    const found = find(where, foreground, image)
    known.set(image, found)
    return found
  }
}

function find(where: string, foreground: Foreground, image: Tensor): Uint8Array {
  const [height, width] = image.shape as [number, number]
  if (foreground === 'none') return new Uint8Array(height * width).fill(1)
  const mask =
    foreground === 'auto' ? foregroundMask(image) : typeof foreground === 'function' ? foreground(image) : foreground
  assertTensor(where, 'foreground', mask, ['H', 'W'], 'uint8')
  if (mask.shape[0] !== height || mask.shape[1] !== width) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: `foreground must have the size of the image, [${height},${width}]`,
      actual: formatShape(mask.shape),
    })
  }
  if (mask.data.includes(1)) return mask.data
  throw new TabError('INVALID_ARGUMENT', {
    where,
    message: 'the foreground mask is empty: there is no place for a defect',
  })
}
