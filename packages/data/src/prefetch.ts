import { checkNumber } from '@tab/core'

/**
 * Runs jobs ahead of the consumer and yields their results in order. If the consumer stops early, no further job is started.
 * @param concurrency the number of jobs at once, from 1
 * @throws INVALID_ARGUMENT for an invalid concurrency
 * @example
 * ```ts
 * import { prefetch } from '@tab/data'
 * const squares: number[] = []
 * for await (const square of prefetch([1, 2, 3], 2, async (value) => value * value)) squares.push(square)
 * console.log(squares) // [ 1, 4, 9 ]
 * ```
 */
export async function* prefetch<T, R>(
  items: readonly T[],
  concurrency: number,
  job: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  checkNumber('prefetch', 'concurrency', concurrency, { integer: true, minimum: 1 })
  const pending: Promise<R>[] = []
  let next = 0
  const start = (): void => {
    const promise = job(items[next++] as T)
    promise.catch(() => undefined) // reported when its turn comes, not as an unhandled rejection before
    pending.push(promise)
  }
  while (next < items.length || pending.length > 0) {
    while (next < items.length && pending.length < concurrency) start()
    yield await (pending.shift() as Promise<R>)
  }
}
