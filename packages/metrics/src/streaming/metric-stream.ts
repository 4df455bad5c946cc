import { TabError } from '@tab/core'

/**
 * A metric over data that come in batches. In whatever batches and order they come, `compute` gives to the bit what the
 * one-shot function gives for all of them at once.
 */
export interface MetricStream<Batch extends readonly unknown[], Value, State extends StreamState> {
  /** Adds a batch; the arguments are copied and checked as the one-shot function does. A refused batch changes nothing. */
  update(...batch: Batch): void
  /** The metric of all batches so far; more may follow. Throws UNDEFINED_RESULT where the one-shot function does. */
  compute(): Value
  reset(): void
  /** What was gathered, as plain data that can be posted to another thread; valid until the next call of another method. */
  state(): State
  /** Adds what another stream of the same kind has gathered. Throws INCOMPATIBLE for a state of another kind, NUMERICAL for a damaged one. */
  merge(state: State): void
}

/** What every state says about itself, so that a wrong one is refused. */
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
 * Counts of a state: finite numbers from 0, one per bin.
 * @throws NUMERICAL for any other number, INCOMPATIBLE for another length
 */
export function assertCounts(where: string, counts: ArrayLike<number>, length: number): void {
  const actual = counts.length !== length ? `${counts.length} counts` : undefined
  if (actual) throw new TabError('INCOMPATIBLE', { where: `${where}.merge`, expected: `${length} counts`, actual })
  for (let i = 0; i < length; i++) {
    if (Number.isFinite(counts[i]) && (counts[i] as number) >= 0) continue
    throw new TabError('NUMERICAL', {
      where: `${where}.merge`,
      expected: 'counts must be finite numbers from 0',
      actual: `${counts[i]} at ${i}`,
    })
  }
}
