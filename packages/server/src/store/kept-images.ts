import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '@tab/core/node'

/** Inspected images, each once, by the digest of its bytes. */
export class KeptImages {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  async keep(digest: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.folder, { recursive: true })
    await writeAtomically(this.pathOf(digest), bytes)
  }

  async remove(digests: readonly string[]): Promise<void> {
    await Promise.all(digests.map((digest) => rm(this.pathOf(digest), { force: true })))
  }

  /** Readers recognise images by their bytes, so it needs no ending. */
  pathOf(digest: string): string {
    return join(this.folder, digest)
  }
}
