import { assertBothClasses, finiteScores, splitByClass, type FloatArray, type Labels, type Scores } from '../inputs.ts'
import { stepsOfSorted, type ThresholdSteps } from '../ranking/threshold-steps.ts'
import { assertKind, type MetricStream, type StreamState } from './metric-stream.ts'
import { createScoreList } from './score-list.ts'

/** All scores so far, by class, in no particular order. */
export interface RankingState extends StreamState {
  readonly kind: 'ranking'
  readonly normal: FloatArray
  readonly anomalous: FloatArray
}

/** A metric of scores and labels that arrive in batches. */
export type RankingStream<Value> = MetricStream<[scores: Scores, labels: Labels], Value, RankingState>

/** The stream of a metric that depends only on the steps of the threshold. Holds 4 bytes per float32 score. */
export function rankingStream<Value>(where: string, metric: (steps: ThresholdSteps) => Value): RankingStream<Value> {
  const [normal, anomalous] = [createScoreList(), createScoreList()]
  return {
    update(scores, labels) {
      const batch = splitByClass(`${where}.update`, scores, labels)
      normal.push(batch.normal)
      anomalous.push(batch.anomalous)
    },
    compute() {
      assertBothClasses(`${where}.compute`, normal.values().length, anomalous.values().length)
      return metric(stepsOfSorted(normal.sort(), anomalous.sort()))
    },
    reset() {
      normal.clear()
      anomalous.clear()
    },
    state: () => ({ kind: 'ranking', normal: normal.values(), anomalous: anomalous.values() }),
    merge(state) {
      assertKind(where, state, 'ranking')
      const [others, anomalies] = [state.normal, state.anomalous].map((scores) =>
        finiteScores(`${where}.merge`, scores).slice(),
      ) as [FloatArray, FloatArray]
      normal.push(others)
      anomalous.push(anomalies)
    },
  }
}
