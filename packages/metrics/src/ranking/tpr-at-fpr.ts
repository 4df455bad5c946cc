import { checkNumber } from '@tab/core'
import type { Labels, Scores } from '../inputs.ts'
import { rankingStream, type RankingStream } from '../streaming/ranking-stream.ts'
import { thresholdSteps, type ThresholdSteps } from './threshold-steps.ts'

/** The share of anomalies found at a threshold that keeps false alarms within a rate. */
export interface TprAtFpr {
  readonly tpr: number
  /** The false positive rate reached, at most the one asked for. */
  readonly fpr: number
  /** Samples above it are called anomalous: the highest score when only calling nothing anomalous keeps the rate. */
  readonly threshold: number
}

/**
 * The highest true positive rate over the thresholds whose false positive rate is at most `fpr`. A threshold exists for it:
 * nothing is interpolated.
 * @param fpr in [0, 1]
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 */
export function tprAtFpr(scores: Scores, labels: Labels, fpr: number): TprAtFpr {
  checkNumber('tprAtFpr', 'fpr', fpr, { minimum: 0, maximum: 1 })
  return tprAtFprOf(thresholdSteps('tprAtFpr', scores, labels), fpr)
}

/** {@link tprAtFpr} of batches, to the bit. */
export function createTprAtFpr(fpr: number): RankingStream<TprAtFpr> {
  checkNumber('createTprAtFpr', 'fpr', fpr, { minimum: 0, maximum: 1 })
  return rankingStream('createTprAtFpr', (steps) => tprAtFprOf(steps, fpr))
}

function tprAtFprOf({ positives, negatives, highest, walk }: ThresholdSteps, limit: number): TprAtFpr {
  let best: TprAtFpr = { tpr: 0, fpr: 0, threshold: highest }
  walk((truePositives, falsePositives, threshold) => {
    // Later steps that add false alarms alone are no better.
    if (falsePositives <= limit * negatives && truePositives / positives > best.tpr) {
      best = { tpr: truePositives / positives, fpr: falsePositives / negatives, threshold }
    }
  })
  return best
}
