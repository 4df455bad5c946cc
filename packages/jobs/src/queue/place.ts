import { resolve } from 'node:path'
import { TabError } from '@tab/core'

/** Where a queue is. */
export type QueuePlace =
  | { readonly kind: 'postgres'; readonly url: string; readonly text: string }
  | { readonly kind: 'folder'; readonly folder: string; readonly text: string }

/**
 * Tells a URL of PostgreSQL from a folder.
 * @throws INVALID_ARGUMENT for another URL
 */
export function placeOf(jobsUrl: string): QueuePlace {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(jobsUrl)) {
    const folder = resolve(jobsUrl)
    return { kind: 'folder', folder, text: folder }
  }
  const url = URL.canParse(jobsUrl) ? new URL(jobsUrl) : undefined
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'spec.jobsUrl',
      expected: 'postgres://USER@HOST/DATABASE or a folder',
      actual: url ? `${url.protocol}//...` : 'something else', // it may hold a password
    })
  }
  return { kind: 'postgres', url: jobsUrl, text: `${url.host || 'localhost'}${url.pathname}` }
}
