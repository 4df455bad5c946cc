import { setTimeout as wait } from 'node:timers/promises'
import { isAway } from './database-error.ts'

const PAUSE = 1000 // milliseconds between two questions to a database that is away

/**
 * Asks a database until it answers, as it may be restarted meanwhile.
 * @throws what is no matter of the connection; AbortError
 */
export function patience(
  signal: AbortSignal,
  onNote: ((note: string) => void) | undefined,
): <T>(ask: () => Promise<T>) => Promise<T> {
  let isSilent = false
  return async (ask) => {
    for (;;) {
      try {
        const answer = await ask()
        if (isSilent) onNote?.('the queue answers again')
        isSilent = false
        return answer
      } catch (error) {
        if (!isAway(error)) throw error
        if (!isSilent) onNote?.(`the queue does not answer, and is asked again: ${(error as Error).message}`)
        isSilent = true
        await wait(PAUSE, undefined, { signal })
      }
    }
  }
}
