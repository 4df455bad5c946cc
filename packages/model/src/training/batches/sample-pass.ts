import { deriveRng, randomInteger, sampleIndices, shuffle } from '@tab/core'
import type { ClassRun } from '../losses/separation.ts'
import type { PretrainSettings } from '../settings.ts'
import type { ClassSplit } from './training-class.ts'

/** The images of one pass, class after class. */
export interface PassPlan {
  readonly images: readonly { readonly classIndex: number; readonly imageIndex: number }[]
  readonly runs: readonly ClassRun[]
}

/**
 * Draws the images of pass `pass`: some classes, the pairs spread evenly over them, no image twice unless a class has too few. Depends on
 * seed and number alone, so a training that resumes draws the same ones.
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

/** Side of the images of pass `pass`: the one size, or one of several, each as likely. */
export function sizeOfPass(
  { imageSize, imageSizes }: Pick<PretrainSettings, 'imageSize' | 'imageSizes'>,
  seed: number,
  pass: number,
): number {
  if (imageSizes.length === 0) return imageSize
  return imageSizes[randomInteger(deriveRng(seed, 'size', pass), 0, imageSizes.length - 1)] as number
}
