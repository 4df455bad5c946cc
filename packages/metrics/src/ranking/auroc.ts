import type { Labels, Scores } from '../inputs.ts'
import { binnedRankingStream, type BinnedRankingStream } from '../streaming/binned-ranking.ts'
import { rankingStream, type RankingStream } from '../streaming/ranking-stream.ts'
import type { Binned, ScoreBins } from '../streaming/score-bins.ts'
import { thresholdSteps, type RankingSteps } from './threshold-steps.ts'

/**
 * Area under the ROC curve: the probability that an anomalous sample scores higher than a normal one, with ties counted half.
 * Exact over all distinct scores (Mann & Whitney 1947).
 * @param scores higher is more anomalous; float32 scores are sorted in linear time
 * @param labels 0 normal, 1 anomalous
 * @returns in [0, 1]
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 * @example
 * ```ts
 * import { auroc } from '@tab/metrics'
 *
 * console.log(auroc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])) // 0.75
 * ```
 */
export function auroc(scores: Scores, labels: Labels): number {
  return aurocOf(thresholdSteps('auroc', scores, labels))
}

/**
 * {@link auroc} of scores that arrive in batches, bit for bit the same.
 * @example
 * ```ts
 * import { createAuroc } from '@tab/metrics'
 *
 * const stream = createAuroc()
 * stream.update([0.1, 0.8], [0, 1])
 * stream.update([0.4, 0.35], [0, 1])
 * console.log(stream.compute()) // 0.75
 * ```
 */
export function createAuroc(): RankingStream<number> {
  return rankingStream('createAuroc', aurocOf)
}

/**
 * {@link auroc} of batches in bounded memory. Scores in the same bin count as ties, and the error bound is half the share of such
 * pairs.
 * @example
 * ```ts
 * import { createBinnedAuroc } from '@tab/metrics'
 *
 * const stream = createBinnedAuroc({ minimum: 0, maximum: 1, count: 4 })
 * stream.update([0.1, 0.4, 0.3, 0.8], [0, 0, 1, 1])
 * console.log(stream.compute()) // { value: 0.875, errorBound: 0.125 }
 * ```
 */
export function createBinnedAuroc(bins: ScoreBins): BinnedRankingStream {
  return binnedRankingStream('createBinnedAuroc', bins, binnedAurocOf)
}

export function aurocOf({ positives, negatives, walk }: RankingSteps): number {
  let [foundPositives, foundNegatives, doubled] = [0, 0, 0] // all counts: the sum is exact up to 2^53
  walk((truePositives, falsePositives) => {
    doubled += (truePositives - foundPositives) * (2 * negatives - foundNegatives - falsePositives)
    foundPositives = truePositives
    foundNegatives = falsePositives
  })
  return doubled / 2 / positives / negatives
}

export function binnedAurocOf(steps: RankingSteps): Binned {
  let [foundPositives, foundNegatives, pairs] = [0, 0, 0]
  steps.walk((truePositives, falsePositives) => {
    pairs += (truePositives - foundPositives) * (falsePositives - foundNegatives)
    foundPositives = truePositives
    foundNegatives = falsePositives
  })
  return { value: aurocOf(steps), errorBound: pairs / 2 / steps.positives / steps.negatives }
}
