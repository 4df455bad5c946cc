import { createRequire } from 'node:module'

const manifest = createRequire(import.meta.url)('../package.json') as { version: string }

/** Version of @tab/server, from its manifest. */
export const VERSION: string = manifest.version
