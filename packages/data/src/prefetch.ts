import { checkNumber } from '@tab/core'

const LARGE = 2 ** 22 // pixels: 48 MiB of an image [H,W,3]

/**
 * Images to read at once unless told: 4, or 2 of those that take much memory, which still reads one while another is used.
 * @param size `[height, width]` as prepared
 * @example
 * ```ts
 * import { usualConcurrency } from '@tab/data'
 * console.log(usualConcurrency([224, 224]), usualConcurrency([3000, 4000])) // 4 2
 * ```
 */
export function usualConcurrency([height, width]: readonly [number, number]): number {
  return height * width > LARGE ? 2 : 4
}

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
  items: Iterable<T> | AsyncIterable<T>,
  concurrency: number,
  job: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  checkNumber('prefetch', 'concurrency', concurrency, { integer: true, minimum: 1 })
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const pending: Promise<{ readonly result: R } | undefined>[] = [] // undefined after the last item
  const start = (): void => {
    const promise = nextOf(iterator).then(async (item) =>
      item.done === true ? undefined : { result: await job(item.value) },
    )
    promise.catch(() => undefined) // reported when its turn comes, not as an unhandled rejection before
    pending.push(promise)
  }
  try {
    for (;;) {
      while (pending.length < concurrency) start()
      const first = await (pending.shift() as (typeof pending)[number])
      if (!first) return
      yield first.result
    }
  } finally {
    // Not awaited: of a source that waits for its next item, it would not come back before that.
    Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}

/** The next item, at once of an array; what the iterator throws is told when its turn comes. */
async function nextOf<T>(iterator: Iterator<T> | AsyncIterator<T>): Promise<IteratorResult<T, unknown>> {
  return iterator.next()
}
