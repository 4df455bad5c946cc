import { assertBothClasses, splitByClass, type FloatArray, type Labels, type Scores } from '../inputs.ts'
import type { RankingSteps } from '../ranking/threshold-steps.ts'
import { assertCounts, assertKind, type MetricStream, type StreamState } from './metric-stream.ts'
import { assertSameBins, binOf, checkBins, type Binned, type ScoreBins } from './score-bins.ts'

/** How many scores of each class fell into each bin. */
export interface BinnedRankingState extends StreamState {
  readonly kind: 'binned ranking'
  readonly bins: Required<ScoreBins>
  readonly normal: Float64Array
  readonly anomalous: Float64Array
}

/** A metric of scores and labels in memory that does not grow with them. */
export type BinnedRankingStream = MetricStream<[scores: Scores, labels: Labels], Binned, BinnedRankingState>

/** The stream of a metric over the steps of the threshold, one step per bin. Holds 16 bytes per bin. */
export function binnedRankingStream(
  where: string,
  binsAsked: ScoreBins,
  metric: (steps: RankingSteps) => Binned,
): BinnedRankingStream {
  const bins = checkBins(where, binsAsked)
  const [normal, anomalous] = [new Float64Array(bins.count), new Float64Array(bins.count)]
  return {
    update(scores, labels) {
      const batch = splitByClass(`${where}.update`, scores, labels)
      tally(normal, batch.normal, bins)
      tally(anomalous, batch.anomalous, bins)
    },
    compute() {
      const [negatives, positives] = [total(normal), total(anomalous)]
      assertBothClasses(`${where}.compute`, negatives, positives)
      return metric({
        positives,
        negatives,
        walk(visit) {
          let [tp, fp] = [0, 0]
          for (let bin = bins.count - 1; bin >= 0; bin--) {
            const [p, n] = [anomalous[bin] as number, normal[bin] as number]
            if (p + n === 0) continue
            tp += p
            fp += n
            visit(tp, fp)
          }
        },
      })
    },
    reset() {
      normal.fill(0)
      anomalous.fill(0)
    },
    state: () => ({ kind: 'binned ranking', bins, normal, anomalous }),
    merge(state) {
      assertKind(where, state, 'binned ranking')
      assertSameBins(where, bins, state.bins)
      for (const counts of [state.normal, state.anomalous]) assertCounts(where, counts, bins.count)
      for (let bin = 0; bin < bins.count; bin++) {
        normal[bin] = (normal[bin] as number) + (state.normal[bin] as number)
        anomalous[bin] = (anomalous[bin] as number) + (state.anomalous[bin] as number)
      }
    },
  }
}

function tally(counts: Float64Array, scores: FloatArray, bins: Required<ScoreBins>): void {
  for (let i = 0; i < scores.length; i++) {
    const bin = binOf(bins, scores[i] as number)
    counts[bin] = (counts[bin] as number) + 1
  }
}

function total(counts: Float64Array): number {
  let sum = 0
  for (let i = 0; i < counts.length; i++) sum += counts[i] as number
  return sum
}
