import { checkNumber } from '@tab/core'
import type { Labels, Scores } from '../inputs.ts'
import { rankingStream, type RankingStream } from '../streaming/ranking-stream.ts'
import { thresholdSteps, type ThresholdSteps } from './threshold-steps.ts'

/** The share of anomalies found at a threshold that keeps the false positive rate within a limit. */
export interface TprAtFpr {
  readonly tpr: number
  /** The false positive rate reached, at most the limit. */
  readonly fpr: number
  /** Samples above it are called anomalous; the highest score when the limit allows no sample to be. */
  readonly threshold: number
}

/**
 * The highest true positive rate over all thresholds whose false positive rate is at most `fpr`. A real threshold reaches it:
 * nothing is interpolated.
 * @param fpr in [0, 1]
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 * @example
 * ```ts
 * import { tprAtFpr } from '@tab/metrics'
 *
 * const { tpr, threshold } = tprAtFpr([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], 0.1)
 * console.log(tpr, threshold) // 0.5 0.4
 * ```
 */
export function tprAtFpr(scores: Scores, labels: Labels, fpr: number): TprAtFpr {
  checkNumber('tprAtFpr', 'fpr', fpr, { minimum: 0, maximum: 1 })
  return tprAtFprOf(thresholdSteps('tprAtFpr', scores, labels), fpr)
}

/**
 * {@link tprAtFpr} of scores that arrive in batches, bit for bit the same.
 * @example
 * ```ts
 * import { createTprAtFpr } from '@tab/metrics'
 *
 * const stream = createTprAtFpr(0.1)
 * stream.update([0.1, 0.8], [0, 1])
 * stream.update([0.4, 0.35], [0, 1])
 * console.log(stream.compute().tpr) // 0.5
 * ```
 */
export function createTprAtFpr(fpr: number): RankingStream<TprAtFpr> {
  checkNumber('createTprAtFpr', 'fpr', fpr, { minimum: 0, maximum: 1 })
  return rankingStream('createTprAtFpr', (steps) => tprAtFprOf(steps, fpr))
}

function tprAtFprOf({ positives, negatives, highest, walk }: ThresholdSteps, limit: number): TprAtFpr {
  let best: TprAtFpr = { tpr: 0, fpr: 0, threshold: highest }
  walk((truePositives, falsePositives, threshold) => {
    // Later steps that only add false alarms are no better.
    if (falsePositives <= limit * negatives && truePositives / positives > best.tpr) {
      best = { tpr: truePositives / positives, fpr: falsePositives / negatives, threshold }
    }
  })
  return best
}
