import { TabError } from '@tab/core'

/**
 * What a promise gives, or ABORTED as soon as the signal fires: a source that never answers cannot hold a stop up.
 * @throws ABORTED; what the promise rejects with
 */
export async function untilAborted<T>(where: string, signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (!signal) return promise
  return new Promise<T>((resolve, reject) => {
    const abort = (): void =>
      reject(new TabError('ABORTED', { where, message: 'aborted by the caller', cause: signal.reason }))
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
    if (signal.aborted) abort()
  })
}

const LONGEST_END = 200 // milliseconds

/**
 * Ends a generator. One that waits for a source that never answers is left behind after a moment; what it throws then was told already.
 */
export async function endStream(
  stream: { return?: (value?: never) => Promise<unknown> } | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ended = stream?.return?.()
  if (!ended) return
  if (!signal?.aborted) return void (await ended)
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, LONGEST_END)))
  await Promise.race([ended.catch(() => undefined), patience])
  clearTimeout(timer)
}
