import {
  checkNumber,
  createPause,
  deriveRng,
  randomInteger,
  TabError,
  throwIfAborted,
  type LongTaskOptions,
  type Rng,
} from '@tab/core'

export interface BootstrapOptions extends LongTaskOptions {
  readonly seed: number | string
  /** Number of resamples. Default 2000. */
  readonly resamples?: number
  /** Default 0.95. */
  readonly confidence?: number
}

/** A metric of the samples at the given indices, which may repeat. */
export type Statistic = (sample: Uint32Array) => number

export interface BootstrapInterval {
  /** The metric of the original samples. */
  readonly estimate: number
  readonly standardError: number
  /** Percentiles of the resamples. */
  readonly interval: readonly [number, number]
  readonly resamples: number
}

export interface BootstrapDifference {
  readonly estimateA: number
  readonly estimateB: number
  /** A minus B. */
  readonly difference: number
  readonly standardError: number
  readonly interval: readonly [number, number]
  /** Two-sided, for the hypothesis that both are equal: twice the share of resamples in which the difference had the rarer sign, counting one more. */
  readonly pValue: number
  readonly resamples: number
}

/**
 * Stratified bootstrap interval of any metric (Efron & Tibshirani 1993, percentile method): every resample keeps the number of
 * samples of each stratum. Resampled units must be independent: resample images, not pixels.
 * @param strata one label per sample, such as normal and anomalous, or the defect type
 * @param statistic the metric of the samples at the given indices
 * @throws UNDEFINED_RESULT without samples; NUMERICAL for a metric that is not a finite number; INVALID_ARGUMENT for invalid strata
 *   or options; whatever `statistic` throws; ABORTED
 * @example
 * ```ts
 * import { auroc, bootstrap } from '@tab/metrics'
 *
 * const scores = [0.11, 0.18, 0.24, 0.31, 0.22, 0.64, 0.92, 0.47]
 * const labels = [0, 0, 0, 0, 1, 1, 1, 1]
 * const pick = (values: number[], sample: Uint32Array) => Array.from(sample, (index) => values[index] ?? NaN)
 * const metric = (sample: Uint32Array) => auroc(pick(scores, sample), pick(labels, sample))
 * const { estimate, interval } = await bootstrap(labels, metric, { seed: 1 })
 * console.log(estimate, interval) // 0.875 [ 0.5, 1 ]
 * ```
 */
export async function bootstrap(
  strata: ArrayLike<number | string>,
  statistic: Statistic,
  options: BootstrapOptions,
): Promise<BootstrapInterval> {
  const finite = finiteStatistic('bootstrap', statistic)
  const draws = await resample('bootstrap', strata, finite, options)
  return {
    estimate: finite(Uint32Array.from(strata, (_, index) => index)),
    standardError: standardDeviation(draws),
    interval: percentiles(draws, options.confidence),
    resamples: draws.length,
  }
}

/**
 * Stratified bootstrap of the difference between two metrics on the same resamples, such as two models on the same images. Takes
 * and throws the same as {@link bootstrap}.
 * @example
 * ```ts
 * import { pairedBootstrap } from '@tab/metrics'
 *
 * const errors = { a: [1, 2, 1, 2, 1, 2], b: [3, 3, 2, 4, 3, 3] }
 * const mean = (values: number[]) => (sample: Uint32Array) =>
 *   Array.from(sample, (index) => values[index] ?? NaN).reduce((sum, value) => sum + value, 0) / sample.length
 * const options = { seed: 1, resamples: 200 }
 * const { difference, pValue } = await pairedBootstrap([0, 0, 0, 0, 0, 0], mean(errors.a), mean(errors.b), options)
 * console.log(difference, pValue < 0.05) // -1.5 true
 * ```
 */
export async function pairedBootstrap(
  strata: ArrayLike<number | string>,
  statisticA: Statistic,
  statisticB: Statistic,
  options: BootstrapOptions,
): Promise<BootstrapDifference> {
  const everything = Uint32Array.from(strata, (_, index) => index)
  const [a, b] = [finiteStatistic('pairedBootstrap', statisticA), finiteStatistic('pairedBootstrap', statisticB)]
  const draws = await resample('pairedBootstrap', strata, (sample) => a(sample) - b(sample), options)
  const [estimateA, estimateB] = [a(everything), b(everything)]
  const tail = Math.min(
    draws.filter((difference) => difference <= 0).length,
    draws.filter((difference) => difference >= 0).length,
  )
  return {
    estimateA,
    estimateB,
    difference: estimateA - estimateB,
    standardError: standardDeviation(draws),
    interval: percentiles(draws, options.confidence),
    pValue: Math.min(1, (2 * (tail + 1)) / (draws.length + 1)),
    resamples: draws.length,
  }
}

/** Refuses a metric that is NaN, which would make the interval meaningless. */
function finiteStatistic(where: string, statistic: Statistic): Statistic {
  return (sample) => {
    const value: unknown = statistic(sample)
    if (Number.isFinite(value)) return value as number
    throw new TabError('NUMERICAL', { where, expected: 'the statistic must be a finite number', actual: String(value) })
  }
}

async function resample(
  where: string,
  strata: ArrayLike<number | string>,
  statistic: Statistic,
  { seed, resamples = 2000, confidence = 0.95, signal, onProgress }: BootstrapOptions,
): Promise<Float64Array> {
  if (typeof seed !== 'string') checkNumber(where, 'seed', seed, { integer: true, minimum: 0 })
  checkNumber(where, 'resamples', resamples, { integer: true, minimum: 1 })
  checkNumber(where, 'confidence', confidence, { above: 0, below: 1 })
  if (strata.length === 0) throw new TabError('UNDEFINED_RESULT', { where, message: 'undefined without samples' })
  throwIfAborted(where, signal)
  const groups = groupsOf(where, strata)
  const draws = new Float64Array(resamples)
  const pause = createPause(where, signal)
  for (let draw = 0; draw < resamples; draw++) {
    draws[draw] = statistic(drawSample(deriveRng(seed, 'bootstrap', draw), groups, strata.length))
    const waiting = pause()
    if (!waiting) continue
    onProgress?.({ phase: 'resample', done: draw + 1, total: resamples })
    await waiting
  }
  onProgress?.({ phase: 'resample', done: resamples, total: resamples })
  return draws.sort()
}

function groupsOf(where: string, strata: ArrayLike<number | string>): Uint32Array[] {
  const groups = new Map<number | string, number[]>()
  for (let index = 0; index < strata.length; index++) {
    const stratum = strata[index] as number | string
    if (typeof stratum !== 'string' && !Number.isFinite(stratum)) {
      const [expected, actual] = ['strata must be text or finite numbers', `${stratum} at ${index}`]
      throw new TabError('INVALID_ARGUMENT', { where, expected, actual })
    }
    const group = groups.get(stratum)
    if (group) group.push(index)
    else groups.set(stratum, [index])
  }
  return [...groups.values()].map((group) => Uint32Array.from(group))
}

function drawSample(rng: Rng, groups: readonly Uint32Array[], length: number): Uint32Array {
  const sample = new Uint32Array(length)
  let next = 0
  for (const group of groups) {
    for (let i = 0; i < group.length; i++) sample[next++] = group[randomInteger(rng, 0, group.length - 1)] as number
  }
  return sample
}

/** @param sorted in ascending order */
function percentiles(sorted: Float64Array, confidence = 0.95): [number, number] {
  const at = (share: number): number => {
    const place = share * (sorted.length - 1)
    const low = Math.floor(place)
    const [left, right] = [sorted[low] as number, sorted[Math.min(low + 1, sorted.length - 1)] as number]
    return left + (place - low) * (right - left)
  }
  return [at((1 - confidence) / 2), at((1 + confidence) / 2)]
}

function standardDeviation(values: Float64Array): number {
  if (values.length < 2) return 0
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / (values.length - 1))
}
