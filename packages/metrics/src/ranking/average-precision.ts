import type { Labels, Scores } from '../inputs.ts'
import { binnedRankingStream, type BinnedRankingStream } from '../streaming/binned-ranking.ts'
import { rankingStream, type RankingStream } from '../streaming/ranking-stream.ts'
import type { Binned, ScoreBins } from '../streaming/score-bins.ts'
import { thresholdSteps, type RankingSteps } from './threshold-steps.ts'

/**
 * Average precision: the sum over thresholds of precision times the gain in recall. Step-wise, as scikit-learn's
 * `average_precision_score`; joining the points by lines would credit a constant detector with precision it never has.
 * @param scores higher is more anomalous
 * @param labels 0 normal, 1 anomalous
 * @returns in (0, 1]; the share of anomalous samples for a constant detector
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 */
export function averagePrecision(scores: Scores, labels: Labels): number {
  return averagePrecisionOf(thresholdSteps('averagePrecision', scores, labels))
}

/** {@link averagePrecision} of batches, to the bit. */
export function createAveragePrecision(): RankingStream<number> {
  return rankingStream('createAveragePrecision', averagePrecisionOf)
}

/** {@link averagePrecision} of batches in bounded memory, bounded by the best and the worst order within each bin. */
export function createBinnedAveragePrecision(bins: ScoreBins): BinnedRankingStream {
  return binnedRankingStream('createBinnedAveragePrecision', bins, binnedAveragePrecisionOf)
}

export function averagePrecisionOf({ positives, walk }: RankingSteps): number {
  let [found, sum] = [0, 0]
  walk((truePositives, falsePositives) => {
    sum += ((truePositives - found) * truePositives) / (truePositives + falsePositives)
    found = truePositives
  })
  return sum / positives
}

export function binnedAveragePrecisionOf(steps: RankingSteps): Binned {
  let [foundPositives, foundNegatives, lowest, highest] = [0, 0, 0, 0]
  steps.walk((truePositives, falsePositives) => {
    const gain = truePositives - foundPositives
    if (gain > 0) {
      // No precision inside the bin is above that of all its positives before all its negatives ...
      highest += (gain * truePositives) / (truePositives + foundNegatives)
      // ... and with all negatives first the i-th positive has i / (i + FP): the sum, bounded from below by the integral.
      lowest +=
        falsePositives === 0
          ? gain
          : gain - falsePositives * Math.log((truePositives + falsePositives) / (foundPositives + falsePositives))
    }
    foundPositives = truePositives
    foundNegatives = falsePositives
  })
  const value = averagePrecisionOf(steps)
  return { value, errorBound: Math.max(highest / steps.positives - value, value - lowest / steps.positives) }
}
