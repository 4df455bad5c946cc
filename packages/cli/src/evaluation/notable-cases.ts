import type { Sample } from '@tab/data'
import type { Scoring } from './score-test-set.ts'

/** One test image worth a look. */
export interface NotableCase {
  readonly sample: Sample
  /** Its place in the scored set. */
  readonly index: number
  readonly score: number
  /** Share of the good test images that score below it; undefined where there is no other good image. */
  readonly aboveGood: number | undefined
}

/** The cases that a person should look at first. */
export interface NotableCases {
  /** Defective images with the lowest scores. */
  readonly missed: readonly NotableCase[]
  /** Good images with the highest scores. */
  readonly falseAlarms: readonly NotableCase[]
  /** Defective images with the highest scores. */
  readonly found: readonly NotableCase[]
}

/** Picks `count` cases of each kind, the most telling first. */
export function notableCases({ set, samples }: Scoring, count: number): NotableCases {
  const goodScores = Array.from(set.scores).filter((_, index) => set.defects[index] === 'good')
  const cases = samples.map((sample, index): NotableCase => {
    const score = set.scores[index] as number
    const others = goodScores.length - (sample.label === 0 ? 1 : 0)
    const below = goodScores.filter((good) => good < score).length
    return { sample, index, score, aboveGood: others > 0 ? below / others : undefined }
  })
  const ascending = [...cases].sort((left, right) => left.score - right.score || left.index - right.index)
  const defective = ascending.filter(({ sample }) => sample.label === 1)
  const good = ascending.filter(({ sample }) => sample.label === 0)
  const missed = defective.slice(0, count)
  return {
    missed,
    falseAlarms: good.slice(-count).reverse(),
    found: defective.slice(missed.length).slice(-count).reverse(),
  }
}
