import { deriveRng, sampleIndices, shuffle } from '@tab/core'
import type { ClassRun } from '../losses/separation.ts'
import type { ClassSplit } from './training-class.ts'

/** The images of one pass, class after class. */
export interface PassPlan {
  readonly images: readonly { readonly classIndex: number; readonly imageIndex: number }[]
  readonly runs: readonly ClassRun[]
}

/**
 * Draws the images of pass `pass`: some classes, the pairs spread evenly over them, no image twice unless a class has too few. Depends on
 * seed and number alone, so a training that is taken up again goes on with the same ones.
 */
export function samplePass(
  splits: readonly ClassSplit[],
  pairs: number,
  classesPerStep: number,
  seed: number,
  pass: number,
): PassPlan {
  const rng = deriveRng(seed, 'pass', pass)
  const chosen = sampleIndices(rng, splits.length, Math.min(classesPerStep, splits.length, pairs))
  const images: { classIndex: number; imageIndex: number }[] = []
  const runs: ClassRun[] = []
  chosen.forEach((classIndex, place) => {
    const count = Math.floor(((place + 1) * pairs) / chosen.length) - Math.floor((place * pairs) / chosen.length)
    const { training } = splits[classIndex] as ClassSplit
    const first = images.length
    while (images.length < first + count) {
      const drawn = shuffle(rng, training).slice(0, first + count - images.length)
      images.push(...drawn.map((imageIndex) => ({ classIndex, imageIndex })))
    }
    runs.push({ first, count })
  })
  return { images, runs }
}
