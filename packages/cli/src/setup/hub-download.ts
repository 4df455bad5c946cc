import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { copyFile, mkdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { downloadFile, type ListFileEntry } from '@huggingface/hub'
import { TabError, type LongTaskOptions } from '@tab/core'

/** A file of a model at one commit. */
export interface HubFile {
  readonly repo: string
  readonly commit: string
  readonly file: ListFileEntry
  /** Folder of the model in the cache. */
  readonly folder: string
  readonly access: { readonly hubUrl: string; readonly fetch: typeof fetch; readonly accessToken?: string }
}

/**
 * Downloads a file into the cache, from where an earlier attempt ended, and names it as its content once the checksum is right: SHA-256
 * of large files, git's for others.
 * @returns its path in the snapshot of the commit
 * @throws INVALID_DATA for content of another checksum, which is removed; what the client and the disk throw
 */
export async function downloadToCache(
  { repo, commit, file, folder, access }: HubFile,
  { signal, onProgress }: LongTaskOptions,
): Promise<string> {
  const { path: name, lfs, oid } = file
  const size = lfs?.size ?? file.size
  const blob = join(folder, 'blobs', lfs?.oid ?? oid ?? name)
  const pointer = join(folder, 'snapshots', commit, name)
  await mkdir(dirname(blob), { recursive: true })
  await mkdir(dirname(pointer), { recursive: true })
  if (!(await stat(blob).catch(() => undefined))) {
    const part = `${blob}.incomplete`
    const hash = lfs ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`)
    let done = await hashed(part, hash, size)
    if (done < size) {
      const source = await downloadFile({ repo, path: name, revision: commit, ...access })
      if (!source) throw new TabError('NOT_FOUND', { where: repo, expected: name, actual: 'none' })
      const report = (): void => onProgress?.({ phase: `download ${repo}, MB`, done: mega(done), total: mega(size) })
      report()
      const rest = done > 0 ? source.slice(done, size) : source
      await pipeline(
        Readable.fromWeb(rest.stream() as ReadableStream),
        async function* (chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            hash.update(chunk)
            done += chunk.byteLength
            report()
            yield chunk
          }
        },
        createWriteStream(part, { flags: 'a' }),
        signal ? { signal } : {},
      )
    }
    const expected = lfs?.oid ?? oid
    const actual = hash.digest('hex')
    if (actual !== expected) {
      await rm(part, { force: true })
      throw new TabError('INVALID_DATA', {
        where: `${repo}/${name}`,
        expected: `the checksum ${expected} that the hub announces (try again; what came is removed)`,
        actual: `${actual} of ${done} bytes`,
      })
    }
    await rename(part, blob)
  }
  await rm(pointer, { force: true })
  // Where links are not allowed, a copy serves.
  await symlink(relative(dirname(pointer), blob), pointer).catch(() => copyFile(blob, pointer))
  return pointer
}

/** Takes up what an earlier attempt left: its bytes go into the hash. More than the file can have is thrown away. */
async function hashed(part: string, hash: Hash, size: number): Promise<number> {
  const length = (await stat(part).catch(() => undefined))?.size ?? 0
  if (length > size) await rm(part)
  if (length === 0 || length > size) return 0
  for await (const chunk of createReadStream(part)) hash.update(chunk as Uint8Array)
  return length
}

/** Bytes as megabytes to a decimal. */
function mega(bytes: number): number {
  return Math.round(bytes / 1e5) / 10
}
