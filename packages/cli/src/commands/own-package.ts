import { TabError } from '@tab/core'
import type * as jobs from '@tab/jobs'
import type * as server from '@tab/server'

/**
 * The package of jobs, which is installed by who has workers.
 * @param where the command, for the message
 * @throws MISSING_DEPENDENCY
 */
export async function jobsPackage(where: string): Promise<typeof jobs> {
  return import('@tab/jobs').catch(notInstalled(where, '@tab/jobs', 'jobs are in another package'))
}

/**
 * The package of the server, which is installed by who serves.
 * @throws MISSING_DEPENDENCY
 */
export async function serverPackage(where: string): Promise<typeof server> {
  return import('@tab/server').catch(notInstalled(where, '@tab/server', 'the server is its own package'))
}

function notInstalled(where: string, name: string, what: string): (cause: unknown) => never {
  return (cause) => {
    if (!(cause instanceof Error && cause.message.includes(name))) throw cause
    throw new TabError('MISSING_DEPENDENCY', { where, message: `${what}; install it with: npm install ${name}`, cause })
  }
}
