import type { Tensor } from '@tab/core'

/** What is wrong with the mask of a defective image. */
export interface MaskFault {
  /** `black-mask`: no pixel is defective. `inverted-mask`: black and white look exchanged. */
  readonly kind: 'black-mask' | 'inverted-mask'
  readonly message: string
}

const NEARLY_ALL = 0.95

/**
 * What is wrong with the mask of a defective image, by its pixels alone: none is marked; or nearly all are (over 95 %), or over
 * half of them with nearly the whole border, as when black and white were exchanged: defects lie inside of a part, so a border
 * that is marked all around is background.
 * @param mask [H,W], 1 where defective, before it is resized or cropped
 * @returns undefined when it looks right
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
  if (marked === 0) return { kind: 'black-mask', message: 'is black: it marks no pixel of a defective image' }
  const share = marked / data.length
  const isFramed = share > 0.5 && markedBorder >= NEARLY_ALL * border
  if (share <= NEARLY_ALL && !isFramed) return undefined
  const around = share <= NEARLY_ALL ? ' and its border' : ''
  const message = `marks ${(share * 100).toFixed(0)} % of the image${around}: black and white may be exchanged`
  return { kind: 'inverted-mask', message }
}
