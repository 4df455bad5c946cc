import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const versionOf = (manifest: string): string => (require(manifest) as { version: string }).version

/** What must be the same at both ends of a queue: the packages that decide what a job says and what its result is. */
export const VERSION: string = `${versionOf('../package.json')}-${versionOf('@tab/pipeline/package.json')}`
