import { checkNumber, createRng, TabError } from '@tab/core'
import type { Calibration } from '../thresholds/calibration.ts'
import { simpleJumper } from './simple-jumper.ts'

export interface DriftOptions {
  /** Probability of ever raising the alarm while nothing changes. Default 0.001. */
  readonly falseAlarmRate?: number | undefined
  /** The threshold in force, where it is not that of the calibration. */
  readonly threshold?: number | undefined
  /** Of how ties between scores are broken. Default 0. */
  readonly seed?: number | string | undefined
}

/** What is known so far. */
export interface DriftState {
  /** Parts that were taken as good. */
  readonly seen: number
  /** Against "nothing has changed": a fair game has multiplied its stake by this. */
  readonly evidence: number
  /** Whether the evidence has ever reached 1 / `falseAlarmRate`. */
  readonly hasDrifted: boolean
}

/** Watches whether parts that pass still look like the good parts of the calibration. */
export interface DriftMonitor extends DriftState {
  readonly falseAlarmRate: number
  /**
   * The score of the next part. One that is above the threshold is no good part and changes nothing.
   * @throws NUMERICAL for a score that is not finite
   */
  add(score: number): DriftState
}

const MOST_SCORES = 100_000 // that are kept, 800 kB; from then on parts are compared with these

/**
 * Tests, part by part and for as long as the line runs, whether good parts still score as those of the calibration. Among the scores at or below the
 * threshold, of the calibration and of the line, each new one has a random rank as long as nothing changes. Its p-value is then uniform and independent
 * of all earlier ones, and a betting game on them reaches 1 / rate with a probability of at most `falseAlarmRate`, however long it goes on [Ville 1939;
 * Vovk 2021, Testing randomness online]. That holds for `held-out` calibrations. The scores of a `cross-fitted` one come from other
 * detectors: the alarm then compares like with almost like, and guarantees nothing.
 *
 * It sees changes of good parts, light or camera. A part that is called anomalous says nothing about them. After a few good images a change must be larger, or
 * last longer, to be seen.
 * @throws INVALID_ARGUMENT for a rate that is not between 0 and 1, or a calibration without a score at or below the threshold
 * @example
 * ```ts
 * import { createDriftMonitor, type Calibration } from '@tab/adapters'
 *
 * const rates = { falsePositiveRate: 0.05, guaranteedRate: 0.05, pixelFalsePositiveRate: 0.05 }
 * const scores = Float64Array.from({ length: 40 }, (_, index) => 1 + index / 40)
 * const calibration: Calibration = { method: 'held-out', ...rates, threshold: 3, pixelThreshold: 3, scores }
 *
 * const monitor = createDriftMonitor(calibration)
 * for (let part = 0; part < 40; part++) monitor.add(1 + ((part * 17) % 40) / 40)
 * console.log(monitor.seen, monitor.hasDrifted) // 40 false
 * for (let part = 0; part < 40; part++) monitor.add(2.5) // dirt on the lens: all pass, but none looks as before
 * console.log(monitor.seen, monitor.hasDrifted) // 80 true
 * ```
 */
export function createDriftMonitor(
  calibration: Pick<Calibration, 'scores' | 'threshold'>,
  { falseAlarmRate = 0.001, threshold = calibration.threshold, seed = 0 }: DriftOptions = {},
): DriftMonitor {
  const where = 'createDriftMonitor'
  checkNumber(where, 'falseAlarmRate', falseAlarmRate)
  if (!(falseAlarmRate > 0 && falseAlarmRate < 1)) {
    const expected = 'falseAlarmRate above 0 and below 1'
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: String(falseAlarmRate) })
  }
  /** Ascending. */
  const known = [...calibration.scores].filter((score) => score <= threshold).sort((a, b) => a - b)
  if (known.length === 0) {
    const expected = `calibration scores at or below the threshold ${threshold}`
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: 'none' })
  }
  const rng = createRng(seed)
  const game = simpleJumper()
  let seen = 0
  let hasDrifted = false
  return {
    falseAlarmRate,
    get seen() {
      return seen
    },
    get evidence() {
      return game.value
    },
    get hasDrifted() {
      return hasDrifted
    },
    add(score) {
      if (!Number.isFinite(score)) {
        throw new TabError('NUMERICAL', {
          where: 'driftMonitor.add',
          expected: 'a finite score',
          actual: String(score),
        })
      }
      if (score <= threshold) {
        const [first, after] = [countBelow(known, score, false), countBelow(known, score, true)]
        const [above, equal] = [known.length - after, after - first]
        game.bet((above + rng() * (equal + 1)) / (known.length + 1))
        if (known.length < MOST_SCORES) known.splice(first, 0, score)
        seen += 1
        hasDrifted ||= game.value >= 1 / falseAlarmRate
      }
      return { seen, evidence: game.value, hasDrifted }
    },
  }
}

/** How many of the ascending values lie below one, or at it too. */
function countBelow(ascending: readonly number[], value: number, orAt: boolean): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const one = ascending[middle] as number
    if (one < value || (orAt && one === value)) low = middle + 1
    else high = middle
  }
  return low
}
