import { TabError } from '@tab/core'
import type * as jobs from '@tab/jobs'

/**
 * The package of jobs, which is installed by who has workers.
 * @param where the command, for the message
 * @throws MISSING_DEPENDENCY
 */
export async function jobsPackage(where: string): Promise<typeof jobs> {
  return import('@tab/jobs').catch((cause: unknown) => {
    if (!/@tab\/jobs/.test(cause instanceof Error ? cause.message : '')) throw cause
    const message = 'jobs are in another package; install it with: npm install @tab/jobs'
    throw new TabError('MISSING_DEPENDENCY', { where, message, cause })
  })
}
