import { TabError } from '@tab/core'

/**
 * A metric over data that arrive in batches. Whatever the batches and their order, `compute` gives bit for bit what the function of
 * the same metric gives for all data at once.
 */
export interface MetricStream<Batch extends readonly unknown[], Value, State extends StreamState> {
  /** Adds a batch. The arguments are checked as by the function and copied; a refused batch changes nothing. */
  update(...batch: Batch): void
  /** The metric of all batches so far; more may follow. Throws UNDEFINED_RESULT where the function does. */
  compute(): Value
  reset(): void
  /** The data collected so far, as plain data that can be posted to another thread; valid until the next call of another method. */
  state(): State
  /** Adds the state of another stream of the same kind. Throws INCOMPATIBLE for a state of another kind, NUMERICAL for a damaged one. */
  merge(state: State): void
}

/** Every state names its kind, so that a wrong one is refused. */
export interface StreamState {
  readonly kind: string
}

/** @throws INCOMPATIBLE for a state of another kind of stream */
export function assertKind(where: string, state: StreamState, kind: string): void {
  const actual = (state as StreamState | null | undefined)?.kind
  if (actual === kind) return
  throw new TabError('INCOMPATIBLE', {
    where: `${where}.merge`,
    expected: `the state must be of kind "${kind}"`,
    actual: `"${String(actual)}"`,
  })
}

/**
 * Checks the counts of a state: finite numbers, 0 or more, one per bin.
 * @throws NUMERICAL for any other number, INCOMPATIBLE for another length
 */
export function assertCounts(where: string, counts: ArrayLike<number>, length: number): void {
  const actual = counts.length !== length ? `${counts.length} counts` : undefined
  if (actual) throw new TabError('INCOMPATIBLE', { where: `${where}.merge`, expected: `${length} counts`, actual })
  for (let i = 0; i < length; i++) {
    if (Number.isFinite(counts[i]) && (counts[i] as number) >= 0) continue
    throw new TabError('NUMERICAL', {
      where: `${where}.merge`,
      expected: 'counts must be finite numbers, 0 or more',
      actual: `${counts[i]} at ${i}`,
    })
  }
}
