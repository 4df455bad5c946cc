import { checkNumber } from '@tab/core'

/**
 * Starts the next jobs while the results of earlier ones are used; results come in the order of the jobs. When the reader
 * stops early, no further job is started.
 * @param concurrency jobs under way at once, from 1
 * @throws INVALID_ARGUMENT for another concurrency
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
    promise.catch(() => undefined) // it is told when its turn comes, not as an unhandled rejection before
    pending.push(promise)
  }
  while (next < items.length || pending.length > 0) {
    while (next < items.length && pending.length < concurrency) start()
    yield await (pending.shift() as Promise<R>)
  }
}
