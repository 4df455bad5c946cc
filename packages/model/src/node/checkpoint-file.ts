import { readFile } from 'node:fs/promises'
import { writeAtomically } from '@tab/core/node'
import type { CheckpointStore } from '../training/checkpoint.ts'

/** A training's state in one file, replaced as a whole: written beside it, flushed to the disk, then renamed. */
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
