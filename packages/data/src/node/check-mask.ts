import type { Tensor } from '@tab/core'

/** A fault in the mask of a defective image. */
export interface MaskFault {
  /** `black-mask`: no pixel is defective. `inverted-mask`: black and white may be swapped. */
  readonly kind: 'black-mask' | 'inverted-mask'
  readonly message: string
}

const NEARLY_ALL = 0.95

/**
 * Checks the pixels of the mask of a defective image. A mask that marks nothing is wrong. One that marks over 95 %, or over half with
 * nearly the whole border, may have black and white swapped: defects are inside a part, so a fully marked border is background.
 * @param mask [H,W], 1 where defective, before it is resized or cropped
 * @returns undefined if it looks right
 * @example
 * ```ts
 * import { tensorOf } from '@tab/core'
 * import { checkMask } from '@tab/data/node'
 * console.log(checkMask(tensorOf('uint8', [8, 8], new Uint8Array(64)))?.kind) // black-mask
 * ```
 */
export function checkMask({ shape, data }: Tensor<'uint8'>): MaskFault | undefined {
  const [height, width] = shape as [number, number]
  let [marked, border, markedBorder] = [0, 0, 0]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = data[y * width + x] === 0 ? 0 : 1
      marked += value
      if (x > 0 && y > 0 && x < width - 1 && y < height - 1) continue
      border++
      markedBorder += value
    }
  }
  if (marked === 0) return { kind: 'black-mask', message: 'is black: it marks nothing in a defective image' }
  const share = marked / data.length
  const isFramed = share > 0.5 && markedBorder >= NEARLY_ALL * border
  if (share <= NEARLY_ALL && !isFramed) return undefined
  const around = share <= NEARLY_ALL ? ' and its border' : ''
  const message = `marks ${(share * 100).toFixed(0)} % of the image${around}: black and white may be swapped`
  return { kind: 'inverted-mask', message }
}
