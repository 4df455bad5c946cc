import { TabError } from '@tab/core'

/** Work on something that may be disposed of meanwhile. */
export interface SharedUse {
  /**
   * Runs work; what is disposed of meanwhile is released behind it.
   * @throws DISPOSED after {@link dispose}
   */
  run<T>(where: string, work: () => Promise<T>): Promise<T>
  /** Refuses further work and releases as soon as none runs. */
  dispose(): void
}

/** @param release called once, when disposed of and idle */
export function sharedUse(release: () => void): SharedUse {
  let running = 0
  let disposed = false
  return {
    async run(where, work) {
      if (disposed) throw new TabError('DISPOSED', { where, message: 'used after dispose()' })
      running++
      try {
        return await work()
      } finally {
        running--
        if (disposed && running === 0) release()
      }
    },
    dispose() {
      if (disposed) return
      disposed = true
      if (running === 0) release()
    },
  }
}
