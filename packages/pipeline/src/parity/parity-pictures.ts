import type { Preparation } from '@tab/adapters'
import { createRng, tensor, type Tensor } from '@tab/core'
import { prepareImage } from '@tab/data'

/** Of the pictures below: another number for other pictures. */
export const PICTURES_VERSION = 1

/** Pixels across: large blots, and fine grain. */
const SIDES = [12, 96]

/**
 * Pictures that are the same everywhere, prepared as any image is: blots and grain of random colours, whose levels are whole numbers. Nobody's parts are
 * on them, so the certificate of a detector shows none.
 */
export function* parityPictures(preparation: Preparation): Generator<Tensor> {
  for (const side of SIDES) {
    const rng = createRng(side)
    const levels = Float32Array.from({ length: side * side * 3 }, () => Math.floor(256 * rng()) / 255)
    yield prepareImage(tensor([side, side, 3], levels), preparation)
  }
}
