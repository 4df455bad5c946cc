import { mkdtemp, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasSimd } from '@tab/kernels'
import { hubOfEnvironment } from '@tab/weights/node'
import type { Probe } from './finding.ts'

const OLDEST_NODE = [20, 19] as const

/** What the machine and its settings allow, apart from packages. */
export const ENVIRONMENT_PROBES: readonly Probe[] = [
  {
    name: 'node',
    required: true,
    remedy: `install Node ${OLDEST_NODE.join('.')} or later`,
    look: async () => ({ version: supportedNode(process.versions.node) }),
  },
  {
    name: 'WebAssembly SIMD',
    required: false,
    remedy: 'fits and searches run as plain TypeScript, several times slower; use a newer Node',
    async look() {
      if (!hasSimd()) throw new Error('not supported here')
      return { version: 'supported' }
    },
  },
  {
    name: 'model cache',
    required: false, // weights by path need none
    remedy: 'name a folder that can be written in HF_HOME, or give weights by path',
    look: async () => ({ version: 'writable', detail: await writableFolder(hubOfEnvironment().cache) }),
  },
  {
    name: 'network',
    required: false,
    remedy: '',
    async look() {
      const reasons = ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'].filter((name) => process.env[name])
      const isOffline = hubOfEnvironment().offline
      const said = reasons.map((name) => `${name}=${process.env[name]}`).join(', ')
      return { version: isOffline ? 'not used' : 'used for models of the hub', ...(said ? { detail: said } : {}) }
    },
  },
]

/**
 * A version of Node that is new enough.
 * @throws Error for an older one
 */
export function supportedNode(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) throw new Error(`this is ${version}`)
  return version
}

/**
 * A folder that can be written, or made where it is not there yet; nothing is left behind.
 * @throws Error saying what is in its way
 */
export async function writableFolder(folder: string): Promise<string> {
  for (let path = folder; ; path = dirname(path)) {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' || path === dirname(path)) throw error
    })
    if (!found) continue
    if (!found.isDirectory()) throw new Error(`${path} is no folder`)
    await rmdir(await mkdtemp(join(path, '.tab-doctor-'))) // tried, as permissions do not tell all
    return folder
  }
}
