import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isTabError, sha256 } from '@tab/core'
import { writeAtomically } from '@tab/core/node'
import type { TextPrototypes } from '../encoding/encode-prompts.ts'
import { keyText, type PrototypeCache, type PrototypeKey } from '../encoding/prototype-cache.ts'
import { loadPrototypes, savePrototypes } from '../encoding/prototype-file.ts'

/**
 * A cache of prototypes in a folder, with one file per entry, named by a digest of its key. A damaged entry counts as absent and is
 * rewritten. Several processes may share the folder.
 * @example
 * ```ts
 * import { encodePrompts, industrialPrompts, lexicalTextEmbedder } from '@tab/prompts'
 * import { diskCache } from '@tab/prompts/node'
 * const [embedder, cache] = [lexicalTextEmbedder(), diskCache('prototypes')]
 * const first = await encodePrompts(industrialPrompts('screw'), embedder, { cache })
 * const fromDisk = await encodePrompts(industrialPrompts('screw'), embedder, { cache })
 * console.log(fromDisk.cosine === first.cosine) // true
 * ```
 */
export function diskCache(folder: string): PrototypeCache {
  const fileOf = async (key: PrototypeKey): Promise<string> =>
    join(folder, `${await sha256(new TextEncoder().encode(keyText(key)))}.prototypes`)
  return {
    async get(key) {
      const bytes = await readFile(await fileOf(key)).catch(() => undefined)
      if (!bytes || bytes.length < DIGEST_BYTES) return undefined
      const content = Uint8Array.from(bytes.subarray(DIGEST_BYTES))
      const digest = bytes.subarray(0, DIGEST_BYTES).toString('latin1')
      if ((await sha256(content)) !== digest) return undefined
      try {
        const found = loadPrototypes(content)
        return isOf(key, found) ? found : undefined
      } catch (error) {
        if (isTabError(error, 'INVALID_DATA')) return undefined // written by another version
        throw error
      }
    },
    async set(key, prototypes) {
      const content = savePrototypes(prototypes)
      const digest = Buffer.from(await sha256(content), 'latin1')
      await writeAtomically(await fileOf(key), Buffer.concat([digest, content]))
    },
  }
}

/** Makes sure that a renamed or copied file does not become the entry of another key. */
function isOf({ embedder, prompts }: PrototypeKey, found: TextPrototypes): boolean {
  const counts = [found.normal.count, found.abnormal.count]
  return found.embedder === embedder && counts.join() === [prompts.normal.length, prompts.abnormal.length].join()
}

const DIGEST_BYTES = 64 // SHA-256 in hexadecimal digits, before the content
