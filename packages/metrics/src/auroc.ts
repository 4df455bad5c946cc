import { splitByClass, type Labels, type Scores } from './inputs.ts'
import { sortScores } from './sort-scores.ts'

/**
 * Area under the ROC curve: the chance that an anomalous sample scores above a normal one, ties counting half.
 * Exact over all distinct scores (Mann & Whitney 1947).
 * @param scores higher is more anomalous; float32 scores are sorted in linear time
 * @param labels 0 normal, 1 anomalous
 * @returns in [0, 1]
 * @throws UNDEFINED_RESULT when a class is empty, NUMERICAL for NaN or infinity, INVALID_ARGUMENT for lengths that differ
 */
export function auroc(scores: Scores, labels: Labels): number {
  const { normal, anomalous } = splitByClass('auroc', scores, labels)
  const negatives = sortScores(normal)
  const positives = sortScores(anomalous)
  let below = 0 // negatives under the current positive
  let notAbove = 0 // negatives under or equal to it
  let sum = 0
  for (let i = 0; i < positives.length; i++) {
    const score = positives[i] as number
    while (below < negatives.length && (negatives[below] as number) < score) below++
    if (notAbove < below) notAbove = below
    while (notAbove < negatives.length && negatives[notAbove] === score) notAbove++
    sum += below + notAbove
  }
  return sum / 2 / positives.length / negatives.length
}
