import { TabError } from '@tab/core'

/** Lets a resource be disposed of while work on it is still running. */
export interface DisposalGuard {
  /**
   * Runs work that uses the resource; a resource disposed of meanwhile is released when the work ends.
   * @throws DISPOSED after {@link dispose}
   */
  run<T>(where: string, work: () => Promise<T>): Promise<T>
  /** Refuses further work and releases the resource as soon as no work is running. */
  dispose(): void
}

/** @param release called once, when the resource is disposed of and idle */
export function disposalGuard(release: () => void): DisposalGuard {
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
