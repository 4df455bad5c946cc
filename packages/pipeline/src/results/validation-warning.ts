import type { ModelCard } from './model-card.ts'

/** The validation of a training, before anything is said of it. */
export type ValidationFigures = Pick<ModelCard['validation'], 'first' | 'returned' | 'images'>

/**
 * Why weights should not be used without a look at them: they end below where the training began. Null where they do not, or where
 * nothing was validated.
 */
export function validationWarning({ first, returned, images }: ValidationFigures): string | null {
  if (first === null || returned === null || returned.value >= first) return null
  const [before, after] = [first, returned.value].map((value) => value.toFixed(4))
  return (
    `the training ended below where it began: validation AUROC ${before} before, ${after} after ${returned.step} steps, ` +
    `on ${describeJudged({ images })}; the weights that it began with may serve better`
  )
}

/**
 * What a validation stands on, in words.
 * @example
 * ```ts
 * import { describeJudged } from '@tab/pipeline/results'
 *
 * console.log(describeJudged({ images: { normal: 12, synthetic: 1 } })) // 12 held-out good images and 1 synthetic anomaly
 * ```
 */
export function describeJudged({ images: { normal, synthetic } }: Pick<ValidationFigures, 'images'>): string {
  return `${normal} held-out good ${normal === 1 ? 'image' : 'images'} and ${synthetic} synthetic ${synthetic === 1 ? 'anomaly' : 'anomalies'}`
}
