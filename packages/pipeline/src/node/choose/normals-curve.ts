import { isTabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import { sampleShots } from '@tab/data'
import { bootstrap, type Statistic } from '@tab/metrics'
import type { NormalsCurve } from '../../results/choice.ts'
import { readGoodImages } from '../fit/good-images.ts'
import type { CandidateTools } from './candidate-tools.ts'
import type { Candidate } from './candidates.ts'
import { aurocOfUnits, judgedUnits } from './judged-units.ts'
import { photographsOf, prepareCandidate, type ChoiceImages } from './measure-candidate.ts'

const STEPS = [1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500]
const DRAWS = 3
const RESAMPLES = 500
const HELD_BYTES = 2 ** 28 // of images in memory, those to fit on and those to judge on each
/** Gain in image AUROC that more images are not worth. */
const SLIGHT = 0.01

/** Numbers of good images to fit on: some below `count`, and `count`. */
export function curveSteps(count: number): number[] {
  return [...STEPS.filter((step) => step < count), count]
}

/**
 * The number of images from which on, at every point, the last one is no more than 0.01 higher; null where that is the last one alone.
 * @param points by ascending number of images
 */
export function enoughImages(points: readonly { readonly images: number; readonly value: number }[]): number | null {
  const last = points.at(-1)
  let enough: number | null = null
  for (const { images, value } of [...points].reverse()) {
    if (!last || last.value - value > SLIGHT) break
    if (images !== last.images) enough = images
  }
  return enough
}

/**
 * Fits the choice on fewer and fewer of the images, several draws of each number, and judges each on the same photographs.
 * @param isTimeLeft asked before each number, the first of which is measured anyway
 */
export async function normalsCurve(
  candidate: Candidate,
  images: ChoiceImages,
  on: 'real' | 'synthetic',
  tools: CandidateTools,
  seed: number,
  isTimeLeft: () => boolean,
  { signal, onProgress }: LongTaskOptions,
): Promise<NormalsCurve> {
  const { fitted, good, defects, painted } = images
  const { pictures, reading, opened } = await prepareCandidate(candidate, tools, fitted, seed, { signal })
  const recipe = pictures.looking(opened.recipe)
  const samples = [...good, ...(on === 'real' ? defects : painted.map(({ sample }) => sample))]
  const units = judgedUnits(samples, photographsOf(painted))
  const labels = samples.map(({ label }) => label)

  const toFit = await readGoodImages(fitted, reading, HELD_BYTES)
  const toJudge = await readGoodImages(samples, reading, HELD_BYTES)

  const scoresOf = async (count: number, draw: number): Promise<number[] | undefined> => {
    const drawn = count === fitted.length ? fitted : sampleShots(fitted, { shots: count, seed: `${seed} ${draw}` })
    try {
      const detector = await recipe.fit(toFit.batches(drawn.map((sample) => fitted.indexOf(sample))), { signal })
      try {
        const scores: number[] = []
        for await (const batch of toJudge.batches(samples.map((_, index) => index))) {
          scores.push(...(await detector.predict(batch, { signal })).scores.data)
        }
        return scores
      } finally {
        detector.dispose()
      }
    } catch (error) {
      if (isTabError(error, 'INVALID_ARGUMENT')) return undefined // too few for the method
      throw error
    }
  }

  const steps = curveSteps(fitted.length)
  // From the largest down, so that what is missing where time runs out are the least interesting numbers.
  const points: NormalsCurve['points'][number][] = []
  let isCutShort = false
  for (const [number, count] of [...steps].reverse().entries()) {
    throwIfAborted('choose', signal)
    if (number > 0 && !isTimeLeft()) {
      isCutShort = true
      break
    }
    const statistics: Statistic[] = []
    for (let draw = 0; draw < (count === fitted.length ? 1 : DRAWS); draw++) {
      const scores = await scoresOf(count, draw)
      if (scores) statistics.push(aurocOfUnits(units, scores, labels))
    }
    onProgress?.({ phase: 'fewer good images', done: number + 1, total: steps.length })
    if (statistics.length === 0) continue
    const mean: Statistic = (places) =>
      statistics.reduce((sum, statistic) => sum + statistic(places), 0) / statistics.length
    const everything = Uint32Array.from(units.members, (_, place) => place)
    const each = statistics.map((statistic) => statistic(everything))
    const { estimate, interval } = await bootstrap(units.strata, mean, { seed, resamples: RESAMPLES, signal })
    points.unshift({ images: count, value: estimate, interval, draws: [Math.min(...each), Math.max(...each)] })
  }
  return { on, points, enough: isCutShort ? null : enoughImages(points), isCutShort }
}
