import { createDriftMonitor, type DriftMonitor, type DriftState } from '@tab/adapters'
import type { Serving } from './catalog.ts'

interface Watched {
  readonly key: string
  /** Null for a version without calibration. */
  readonly monitor: DriftMonitor | null
}

/** Watches, for each product, whether parts that pass still look like those of the fit. It starts anew with the version, the threshold and the server. */
export class DriftWatch {
  readonly #falseAlarmRate: number
  readonly #onNote: (note: string) => void
  readonly #watched = new Map<string, Watched>()

  constructor(falseAlarmRate: number, onNote: (note: string) => void) {
    this.#falseAlarmRate = falseAlarmRate
    this.#onNote = onNote
  }

  add(serving: Serving, score: number): void {
    const { monitor } = this.#of(serving)
    if (!monitor) return
    const { hasDrifted: before } = monitor
    const { hasDrifted, seen } = monitor.add(score)
    if (before || !hasDrifted) return
    const { product, version } = serving
    this.#onNote(
      `${product} ${version.name}: the good parts no longer look like those of the fit (seen in ${seen} parts that passed; ` +
        `a false alarm has a probability of at most ${this.#falseAlarmRate})`,
    )
  }

  /** What is known of the version that is served; null where it has no calibration. */
  state(serving: Serving): DriftState | null {
    return this.#of(serving).monitor
  }

  #of({ product, version, threshold }: Serving): Watched {
    const { goodScores: scores, threshold: own, model } = version
    const key = `${model.digest} ${threshold}`
    const known = this.#watched.get(product)
    if (known?.key === key) return known
    const limit = threshold ?? own
    const canWatch = scores !== null && limit !== null && (scores[0] as number) <= limit
    const falseAlarmRate = this.#falseAlarmRate
    const monitor = canWatch ? createDriftMonitor({ scores, threshold: limit }, { falseAlarmRate }) : null
    const watched: Watched = { key, monitor }
    this.#watched.set(product, watched)
    return watched
  }
}
