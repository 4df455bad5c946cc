import { imagesNeeded } from '@tab/adapters'
import { createRng, sampleIndices, TabError } from '@tab/core'

const HELD_OUT_SHARE = 0.2 // of the good images, if that is enough for the rate

/** Items split in those to fit on and those to calibrate on, each in the order they had. */
export interface Division<T> {
  readonly rest: readonly T[]
  readonly heldOut: readonly T[]
}

/** How many of `count` good images are held out for a rate: a fifth, or as many as it takes; undefined where that is more than half. */
export function heldOutCount(count: number, rate: number): number | undefined {
  const wanted = Math.max(imagesNeeded(rate), Math.round(HELD_OUT_SHARE * count))
  return wanted > count / 2 ? undefined : wanted
}

/**
 * Holds good images out of a fit: a fifth of them, or as many as the rate takes; half of them at most.
 * @param images that can be read
 * @param rate false positive rate that they are to calibrate
 * @throws INVALID_ARGUMENT when there are too few
 */
export function holdOut<T>(images: readonly T[], rate: number, seed: number): Division<T> {
  const count = images.length
  const wanted = heldOutCount(count, rate)
  if (wanted === undefined) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'spec.calibrate',
      message:
        `a rate of ${rate} takes ${imagesNeeded(rate)} good images held out, and as many or more to fit on; there are ${count}. ` +
        'Take a higher rate, or cross-fit a detector over spec.folds, which holds none out',
    })
  }
  const drawn = new Set(sampleIndices(createRng(seed), count, wanted))
  return {
    rest: images.filter((_, index) => !drawn.has(index)),
    heldOut: images.filter((_, index) => drawn.has(index)),
  }
}
