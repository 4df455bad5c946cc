import { checkNumber, TabError } from '@tab/core'
import { assertBothClasses, binaryLabels, finiteScores, type Labels, type Scores } from '../inputs.ts'
import { twoSidedQuantile, twoSidedTail } from './normal-distribution.ts'

export interface ConfidenceOptions {
  /** Share of repetitions whose interval contains the true value. Default 0.95. */
  readonly confidence?: number
}

/** An AUROC with its sampling error. */
export interface AurocUncertainty {
  readonly auroc: number
  readonly variance: number
  readonly standardError: number
  /** By the normal approximation, clipped to [0, 1]. A point when the classes are fully separated, which is too narrow. */
  readonly interval: readonly [number, number]
}

/** The difference between the AUROCs of two models on the same samples. */
export interface AurocDifference {
  readonly aurocA: number
  readonly aurocB: number
  /** A minus B. */
  readonly difference: number
  readonly standardError: number
  readonly interval: readonly [number, number]
  readonly z: number
  /** Two-sided, for the hypothesis that both are equal. */
  readonly pValue: number
}

/**
 * Variance and confidence interval of the AUROC (DeLong, DeLong & Clarke-Pearson 1988), by midranks in O(n log n) (Sun & Xu
 * 2014). Samples must be independent: images are, pixels of one image are not.
 * @throws UNDEFINED_RESULT with fewer than two samples of a class; NUMERICAL, INVALID_ARGUMENT for bad input
 * @example
 * ```ts
 * import { delongAuroc } from '@tab/metrics'
 *
 * const { auroc, interval } = delongAuroc([1, 2, 3, 5, 4, 6, 7, 8], [0, 0, 0, 0, 1, 1, 1, 1])
 * console.log(auroc, interval.map((bound) => bound.toFixed(2))) // 0.9375 [ '0.76', '1.00' ]
 * ```
 */
export function delongAuroc(
  scores: Scores,
  labels: Labels,
  { confidence = 0.95 }: ConfidenceOptions = {},
): AurocUncertainty {
  const z = quantile('delongAuroc', confidence)
  const { auroc, normal, anomalous } = placements('delongAuroc', scores, labels)
  const variance = varianceOfMean(normal) + varianceOfMean(anomalous)
  const standardError = Math.sqrt(variance)
  const reach = z * standardError
  return { auroc, variance, standardError, interval: [Math.max(0, auroc - reach), Math.min(1, auroc + reach)] }
}

/**
 * Paired DeLong test of two models on the same samples.
 * @throws UNDEFINED_RESULT with fewer than two samples of a class, or when the AUROCs differ but their difference has no variance
 *   (each model orders all pairs the same way); NUMERICAL, INVALID_ARGUMENT for bad input
 * @example
 * ```ts
 * import { delongTest } from '@tab/metrics'
 *
 * const labels = [0, 0, 0, 0, 1, 1, 1, 1]
 * const { difference, pValue } = delongTest([1, 2, 3, 5, 4, 6, 7, 8], [4, 2, 6, 7, 1, 5, 3, 8], labels)
 * console.log(difference, pValue.toFixed(3)) // 0.5 0.014
 * ```
 */
export function delongTest(
  scoresA: Scores,
  scoresB: Scores,
  labels: Labels,
  { confidence = 0.95 }: ConfidenceOptions = {},
): AurocDifference {
  const quantileZ = quantile('delongTest', confidence)
  const a = placements('delongTest', scoresA, labels)
  const b = placements('delongTest', scoresB, labels)
  const [normal, anomalous] = [minus(a.normal, b.normal), minus(a.anomalous, b.anomalous)]
  const variance = varianceOfMean(normal) + varianceOfMean(anomalous)
  const difference = a.auroc - b.auroc
  const standardError = Math.sqrt(variance)
  if (variance === 0 && difference !== 0) {
    throw new TabError('UNDEFINED_RESULT', {
      where: 'delongTest',
      message: `undefined: AUROCs of ${a.auroc} and ${b.auroc} without any variance cannot be tested; use a bootstrap`,
    })
  }
  const z = variance === 0 ? 0 : difference / standardError
  return {
    aurocA: a.auroc,
    aurocB: b.auroc,
    difference,
    standardError,
    interval: [difference - quantileZ * standardError, difference + quantileZ * standardError],
    z,
    pValue: twoSidedTail(z),
  }
}

function quantile(where: string, confidence: number): number {
  checkNumber(where, 'confidence', confidence, { above: 0, below: 1 })
  return twoSidedQuantile(confidence)
}

interface Placements {
  readonly auroc: number
  /** For each normal sample, in the order given, the share of anomalous ones above it; ties count half. */
  readonly normal: Float64Array
  /** For each anomalous sample, the share of normal ones below it. */
  readonly anomalous: Float64Array
}

function placements(where: string, scores: Scores, labels: Labels): Placements {
  const anomalies = binaryLabels(where, labels, scores)
  const values = Float64Array.from(finiteScores(where, scores), (score) => score + 0)
  const positives = anomalies.reduce((sum, label) => sum + label, 0)
  const negatives = anomalies.length - positives
  assertBothClasses(where, negatives, positives)
  if (positives < 2 || negatives < 2) {
    throw new TabError('UNDEFINED_RESULT', {
      where,
      message: `undefined with fewer than two samples of a class, got ${negatives} normal and ${positives} anomalous`,
    })
  }
  const order = Uint32Array.from(values.keys()).sort(
    (left, right) => (values[left] as number) - (values[right] as number),
  )
  const below = new Float64Array(values.length) // number of samples of the other class below, ties counted half
  let [normalsBelow, anomaliesBelow] = [0, 0]
  for (let first = 0; first < order.length;) {
    const score = values[order[first] as number]
    let [end, tiedAnomalies] = [first, 0]
    while (end < order.length && values[order[end] as number] === score) {
      tiedAnomalies += anomalies[order[end++] as number] as number
    }
    const tiedNormals = end - first - tiedAnomalies
    for (; first < end; first++) {
      const sample = order[first] as number
      below[sample] = anomalies[sample] === 1 ? normalsBelow + tiedNormals / 2 : anomaliesBelow + tiedAnomalies / 2
    }
    normalsBelow += tiedNormals
    anomaliesBelow += tiedAnomalies
  }
  const [normal, anomalous] = [new Float64Array(negatives), new Float64Array(positives)]
  let [n, a, sum] = [0, 0, 0]
  for (let sample = 0; sample < below.length; sample++) {
    const count = below[sample] as number
    if (anomalies[sample] === 1) {
      anomalous[a++] = count / negatives
      sum += count
    } else {
      normal[n++] = 1 - count / positives
    }
  }
  return { auroc: sum / positives / negatives, normal, anomalous }
}

function minus(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, index) => value - (b[index] as number))
}

/** Variance of the mean of the placements. */
function varianceOfMean(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)
  return squares / (values.length - 1) / values.length
}
