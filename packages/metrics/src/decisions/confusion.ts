import { checkNumber, TabError } from '@tab/core'
import { binaryLabels, finiteScores, type Labels, type Scores } from '../inputs.ts'
import { assertCounts, assertKind, type MetricStream, type StreamState } from '../streaming/metric-stream.ts'

/** Numbers of samples, or pixels, by what they are and what they were called. */
export interface Confusion {
  readonly truePositives: number
  readonly falsePositives: number
  readonly trueNegatives: number
  readonly falseNegatives: number
}

/** Counts so far, and their threshold. */
export interface ConfusionState extends StreamState, Confusion {
  readonly kind: 'confusion'
  readonly threshold: number
}

/** A metric of decisions at one threshold over data that arrive in batches. */
export type ConfusionStream<Batch extends readonly unknown[], Value> = MetricStream<Batch, Value, ConfusionState>
/** Scores and labels of one batch. */
export type ScoredBatch = [scores: Scores, labels: Labels]

/**
 * Counts right and wrong decisions when samples above `threshold` are called anomalous. For pixels, pass `maps.data` and
 * `masks.data`.
 * @throws NUMERICAL for a score or threshold that is not finite, INVALID_ARGUMENT for lengths that differ
 * @example
 * ```ts
 * import { confusion } from '@tab/metrics'
 *
 * const { truePositives, falsePositives } = confusion([0.1, 0.6, 0.7, 0.9], [0, 0, 1, 1], 0.5)
 * console.log(truePositives, falsePositives) // 2 1
 * ```
 */
export function confusion(scores: Scores, labels: Labels, threshold: number): Confusion {
  return confusionAt('confusion', threshold, scores, labels)
}

/**
 * {@link confusion} of scores that arrive in batches.
 * @example
 * ```ts
 * import { createConfusion } from '@tab/metrics'
 *
 * const stream = createConfusion(0.5)
 * stream.update([0.1, 0.6], [0, 0])
 * stream.update([0.7, 0.9], [1, 1])
 * console.log(stream.compute().trueNegatives) // 1
 * ```
 */
export function createConfusion(threshold: number): ConfusionStream<ScoredBatch, Confusion> {
  return confusionStream('createConfusion', threshold, confusionAt, (counts) => counts)
}

export function confusionAt(where: string, threshold: number, scores: Scores, labels: Labels): Confusion {
  checkNumber(where, 'threshold', threshold)
  const anomalies = binaryLabels(where, labels, scores)
  const floats = finiteScores(where, scores)
  let [hits, called, positives] = [0, 0, 0]
  for (let i = 0; i < floats.length; i++) {
    const label = anomalies[i] as number
    positives += label
    if ((floats[i] as number) <= threshold) continue
    called++
    hits += label
  }
  return {
    truePositives: hits,
    falsePositives: called - hits,
    trueNegatives: floats.length - positives - (called - hits),
    falseNegatives: positives - hits,
  }
}

export function confusionStream<Batch extends readonly unknown[], Value>(
  where: string,
  threshold: number,
  count: (where: string, threshold: number, ...batch: Batch) => Confusion,
  metric: (counts: Confusion, where: string) => Value,
): ConfusionStream<Batch, Value> {
  checkNumber(where, 'threshold', threshold)
  const none: Confusion = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 }
  let counts = none
  const add = (more: Confusion): void => {
    counts = {
      truePositives: counts.truePositives + more.truePositives,
      falsePositives: counts.falsePositives + more.falsePositives,
      trueNegatives: counts.trueNegatives + more.trueNegatives,
      falseNegatives: counts.falseNegatives + more.falseNegatives,
    }
  }
  return {
    update: (...batch) => add(count(`${where}.update`, threshold, ...batch)),
    compute: () => metric(counts, `${where}.compute`),
    reset() {
      counts = none
    },
    state: () => ({ kind: 'confusion', threshold, ...counts }),
    merge(state) {
      assertKind(where, state, 'confusion')
      if (state.threshold !== threshold) {
        throw new TabError('INCOMPATIBLE', {
          where: `${where}.merge`,
          expected: `the state must be for the threshold ${threshold}`,
          actual: String(state.threshold),
        })
      }
      assertCounts(
        where,
        Object.keys(none).map((name) => state[name as keyof Confusion]),
        4,
      )
      add(state)
    },
  }
}
