import { createHash } from 'node:crypto'
import { createReadStream, type BigIntStats } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { throwIfAborted } from '@tab/core'
import { writeAtomically } from '@tab/core/node'

const SCHEMA = 'tab.file-digests/1'
const SETTLED = 2_000_000_000n // nanoseconds: as coarse as the clock of any file system in use

/** SHA-256 of files by their content. */
export interface FileDigests {
  /** @throws as the file system says; ABORTED */
  of(path: string): Promise<string>
  /** Keeps what is known for the next run. */
  save(): Promise<void>
}

/**
 * Digests of files. With a file to keep them in, one that was computed before is taken again while the stat data of the file are the same to
 * the nanosecond, its time of change and inode among them; a file that changed within the last two seconds is never kept, as it could
 * change once more without its times telling.
 * @param path of the file that keeps them; undefined for none. A damaged one counts as none
 */
export async function openFileDigests(path: string | undefined, signal?: AbortSignal): Promise<FileDigests> {
  const kept = path === undefined ? new Map<string, Entry>() : await readKept(path)
  const known = new Map<string, Promise<string>>()

  async function digest(file: string): Promise<string> {
    throwIfAborted('benchmark', signal)
    const before = await stat(file, { bigint: true })
    const found = kept.get(file)
    if (found?.stamp === stampOf(before)) return found.sha256
    const begun = BigInt(Date.now()) * 1_000_000n
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
    const sha256 = hash.digest('hex')
    const after = await stat(file, { bigint: true })
    const isSettled = begun - before.ctimeNs > SETTLED && begun - before.mtimeNs > SETTLED
    if (isSettled && stampOf(after) === stampOf(before)) kept.set(file, { stamp: stampOf(before), sha256 })
    else kept.delete(file)
    return sha256
  }

  return {
    of(file) {
      const absolute = resolve(file)
      const found = known.get(absolute) ?? digest(absolute)
      known.set(absolute, found)
      return found
    },
    async save() {
      if (path === undefined) return
      await writeAtomically(path, `${JSON.stringify({ schema: SCHEMA, files: Object.fromEntries(kept) })}\n`)
    },
  }
}

interface Entry {
  /** What stat said. */
  readonly stamp: string
  readonly sha256: string
}

function stampOf({ size, mtimeNs, ctimeNs, ino, dev }: BigIntStats): string {
  return [size, mtimeNs, ctimeNs, ino, dev].join(' ')
}

async function readKept(path: string): Promise<Map<string, Entry>> {
  try {
    const { schema, files } = JSON.parse(await readFile(path, 'utf8')) as {
      schema: string
      files: Record<string, Entry>
    }
    if (schema !== SCHEMA) return new Map()
    const sound = Object.entries(files).filter(
      ([, { stamp, sha256 }]) => typeof stamp === 'string' && /^[0-9a-f]{64}$/.test(sha256),
    )
    return new Map(sound)
  } catch {
    return new Map()
  }
}
