import type { Labels, Scores } from '../inputs.ts'
import { binnedRankingStream, type BinnedRankingStream } from '../streaming/binned-ranking.ts'
import { rankingStream, type RankingStream } from '../streaming/ranking-stream.ts'
import type { Binned, ScoreBins } from '../streaming/score-bins.ts'
import { thresholdSteps, type RankingSteps } from './threshold-steps.ts'

/**
 * Area under the ROC curve: the chance that an anomalous sample scores above a normal one, ties counting half.
 * Exact over all distinct scores (Mann & Whitney 1947).
 * @param scores higher is more anomalous; float32 scores are sorted in linear time
 * @param labels 0 normal, 1 anomalous
 * @returns in [0, 1]
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 */
export function auroc(scores: Scores, labels: Labels): number {
  return aurocOf(thresholdSteps('auroc', scores, labels))
}

/** {@link auroc} of batches, to the bit. */
export function createAuroc(): RankingStream<number> {
  return rankingStream('createAuroc', aurocOf)
}

/** {@link auroc} of batches in bounded memory. Scores in one bin count as ties; the bound is half of those pairs. */
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
