import { readFile } from 'node:fs/promises'
import { writeAtomically } from '@tab/core/node'
import type { CheckpointStore } from '../training/state/checkpoint.ts'

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
    save: (bytes) => writeAtomically(path, bytes),
  }
}
