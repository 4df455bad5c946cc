import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { CheckpointStore } from '../training/checkpoint.ts'

/**
 * Keeps the state of a training in one file, which is replaced atomically: written next to it, flushed to disk, then renamed.
 * @example
 * ```ts
 * import { checkpointFile } from '@tab/model/node'
 *
 * const store = checkpointFile('run/checkpoint.safetensors')
 * console.log(await store.load()) // undefined
 * await store.save(Uint8Array.of(1, 2, 3))
 * console.log((await store.load())?.length) // 3
 * ```
 */
export function checkpointFile(path: string): CheckpointStore {
  return {
    async load() {
      try {
        return await readFile(path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    async save(bytes) {
      await mkdir(dirname(path), { recursive: true })
      const temporary = `${path}.${process.pid}.tmp`
      try {
        const file = await open(temporary, 'w')
        try {
          await file.writeFile(bytes)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(temporary, path)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },
  }
}
