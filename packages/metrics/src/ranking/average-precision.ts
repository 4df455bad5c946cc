import type { Labels, Scores } from '../inputs.ts'
import { binnedRankingStream, type BinnedRankingStream } from '../streaming/binned-ranking.ts'
import { rankingStream, type RankingStream } from '../streaming/ranking-stream.ts'
import type { Binned, ScoreBins } from '../streaming/score-bins.ts'
import { thresholdSteps, type RankingSteps } from './threshold-steps.ts'

/**
 * Average precision: the sum over all thresholds of the precision times the gain in recall. Step-wise, like scikit-learn's
 * `average_precision_score`; joining the points with lines would credit a constant detector with a precision it never has.
 * @param scores higher is more anomalous
 * @param labels 0 normal, 1 anomalous
 * @returns in (0, 1]; the share of anomalous samples for a constant detector
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 * @example
 * ```ts
 * import { averagePrecision } from '@tab/metrics'
 *
 * console.log(averagePrecision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).toFixed(4)) // 0.8333
 * ```
 */
export function averagePrecision(scores: Scores, labels: Labels): number {
  return averagePrecisionOf(thresholdSteps('averagePrecision', scores, labels))
}

/**
 * {@link averagePrecision} of scores that arrive in batches, bit for bit the same.
 * @example
 * ```ts
 * import { createAveragePrecision } from '@tab/metrics'
 *
 * const stream = createAveragePrecision()
 * stream.update([0.1, 0.8], [0, 1])
 * stream.update([0.4, 0.35], [0, 1])
 * console.log(stream.compute().toFixed(4)) // 0.8333
 * ```
 */
export function createAveragePrecision(): RankingStream<number> {
  return rankingStream('createAveragePrecision', averagePrecisionOf)
}

/**
 * {@link averagePrecision} of batches in bounded memory. The error bound comes from the best and the worst order within each bin.
 * @example
 * ```ts
 * import { createBinnedAveragePrecision } from '@tab/metrics'
 *
 * const stream = createBinnedAveragePrecision({ minimum: 0, maximum: 1, count: 100 })
 * stream.update([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
 * const { value, errorBound } = stream.compute()
 * console.log(value.toFixed(4), errorBound < 0.2) // 0.8333 true
 * ```
 */
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
