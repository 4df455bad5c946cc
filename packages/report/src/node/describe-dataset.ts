import { TabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import type { Preparation } from '@tab/data'
import { readPrepared } from '@tab/data/node'
import { chooseCases } from '../evaluation/choose-cases.ts'
import { evaluationCurves } from '../evaluation/curves.ts'
import type { Evaluation, NamedEvaluation, RunDescription } from '@tab/pipeline/results'
import { heatmapPicture, heatmapScale, photographPicture } from './case-pictures.ts'
import { maskOutline } from '../mask-outline.ts'
import type { ReportCase, ReportDataset, Verdict } from '../report-data.ts'

const LONGEST_PHOTOGRAPH = 448 // pixels

export interface DescribeOptions extends LongTaskOptions {
  /** Most images in the gallery. Default 80. */
  readonly cases?: number
}

/**
 * Makes finished evaluations of one data set into what the page shows: their numbers, their curves, and the pictures of the
 * same images for all.
 * @throws INVALID_ARGUMENT when there is no evaluation or they did not score the same images
 * @example
 * ```ts
 * import { compareOnDataset } from '@tab/pipeline/node'
 * import { renderReport } from '@tab/report'
 * import { describeDataset } from '@tab/report/node'
 *
 * const backbones = [{ name: 'untrained', random: 'resnet18' }] as const
 * using comparison = await compareOnDataset({ data: 'washers', backbones, imageSize: [64, 64] })
 * const described = await describeDataset('washers', comparison.runs, { cases: 3 })
 * console.log(described.images, described.cases.length) // 7 3
 * const html = renderReport({ title: 'Washers', note: undefined, datasets: [described], colophon: 'made today' })
 * console.log(html.slice(0, 15)) // <!doctype html>
 * ```
 */
export async function describeDataset(
  name: string,
  evaluations: readonly NamedEvaluation[],
  { cases: limit = 80, signal, onProgress }: DescribeOptions = {},
): Promise<ReportDataset> {
  const { results, scoring } = assertSameImages(name, evaluations)
  const size = results.run.resolution
  const verdicts = evaluations.map(({ evaluation }) => verdictOf(evaluation))
  const chosen = chooseCases(
    evaluations.map(({ evaluation }) => evaluation.scoring.set),
    limit,
  )
  const cases: ReportCase[] = []
  for (const index of chosen) {
    throwIfAborted('describeDataset', signal)
    const sample = scoring.samples[index] as (typeof scoring.samples)[number]
    const { image } = await readPrepared(sample, photographOf(results.run))
    const own: Verdict[] = []
    let outline: string | undefined
    for (const [run, { evaluation }] of evaluations.entries()) {
      const { map, mask } = await evaluation.scoring.view(index)
      if (run === 0) outline = maskOutline(mask, size)
      own.push(await (verdicts[run] as (typeof verdicts)[number])(index, map))
    }
    cases.push({
      id: sample.id,
      defect: sample.defect,
      size,
      photograph: await photographPicture(image),
      outline,
      verdicts: own,
    })
    onProgress?.({ phase: 'draw report', done: cases.length, total: chosen.length })
  }
  return {
    name,
    runs: evaluations.map(({ title, evaluation, threshold }) => ({
      title,
      results: evaluation.results,
      curves: evaluationCurves(evaluation.scoring),
      scores: scoresByLabel(evaluation),
      threshold,
    })),
    cases,
    images: scoring.samples.length,
  }
}

/** Twice what the detector saw, so that it can be enlarged, and not more than the page can carry; cropped as the detector saw it. */
function photographOf({ resolution, resizedTo }: RunDescription): Preparation {
  const scale = Math.min(2, LONGEST_PHOTOGRAPH / Math.max(...resolution))
  const scaled = ([height, width]: readonly [number, number]): [number, number] => [
    Math.round(height * scale),
    Math.round(width * scale),
  ]
  return resizedTo ? { size: scaled(resizedTo), crop: scaled(resolution) } : { size: scaled(resolution) }
}

function assertSameImages(name: string, evaluations: readonly NamedEvaluation[]): Evaluation {
  const [first, ...others] = evaluations
  const ids = ({ evaluation }: NamedEvaluation): string => evaluation.scoring.samples.map(({ id }) => id).join('\n')
  const odd = first && others.find((other) => ids(other) !== ids(first))
  if (first && !odd) return first.evaluation
  throw new TabError('INVALID_ARGUMENT', {
    where: 'describeDataset',
    expected: `one or more evaluations of the same test images of ${name}`,
    actual: odd ? `others in "${odd.title}" than in "${first.title}"` : 'none',
  })
}

/** What a run says of the image at a place. */
function verdictOf({ results, scoring }: Evaluation): (index: number, map: Float32Array) => Promise<Verdict> {
  const { set } = scoring
  const scale = heatmapScale(scoring.mapSample)
  const good = Array.from(set.scores).filter((_, index) => set.defects[index] === 'good')
  return async (index, map) => {
    const score = set.scores[index] as number
    const others = good.length - (set.defects[index] === 'good' ? 1 : 0)
    return {
      score,
      aboveGood: others > 0 ? good.filter((other) => other < score).length / others : undefined,
      heatmap: await heatmapPicture(map, results.run.resolution, scale),
    }
  }
}

function scoresByLabel({ scoring: { set } }: Evaluation): { good: number[]; defective: number[] } {
  const scores = Array.from(set.scores)
  const isGood = (index: number): boolean => set.defects[index] === 'good'
  return {
    good: scores.filter((_, index) => isGood(index)),
    defective: scores.filter((_, index) => !isGood(index)),
  }
}
