import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { copyFile, mkdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, posix, relative } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { downloadFile, type ListFileEntry } from '@huggingface/hub'
import { TabError, type LongTaskOptions } from '@tab/core'
import { waitForLock } from '@tab/core/node'
import { adoptPart, cleanParts, ownPart, releasePart } from './hub-parts.ts'

/** A file of a model at one commit. */
export interface HubFile {
  readonly repo: string
  readonly commit: string
  readonly file: ListFileEntry
  /** Folder of the model in the cache. */
  readonly folder: string
  readonly access: { readonly hubUrl: string; readonly fetch: typeof fetch; readonly accessToken?: string }
}

/** What the hub says of a file's content. */
interface Announced {
  readonly size: number
  /** Checksum: SHA-256 of large files, git's for others. */
  readonly oid: string
  readonly isLarge: boolean
}

const ABANDONED = 90_000 // milliseconds without a sign of life of a download on another host; should it live, both are right and one is too many

/**
 * Downloads a file into the cache, resuming where an earlier attempt ended, and names it by its content once the checksum of what lies on the
 * disk is right. Of several processes that want the same file one downloads it and the others wait for its result; the download of a process
 * that was killed is resumed by one that waits.
 * @returns its path in the snapshot of the commit
 * @throws INVALID_DATA for content with another checksum, which is removed, and for a listing that points out of the cache; ABORTED; what the
 *   client and the disk throw
 */
export async function downloadToCache(source: HubFile, task: LongTaskOptions): Promise<string> {
  const { repo, commit, file, folder } = source
  const { path: name, lfs } = file
  const announced = { size: lfs?.size ?? file.size, oid: lfs?.oid ?? file.oid ?? '', isLarge: lfs !== undefined }
  if (!/^[\da-f]+$/.test(announced.oid) || posix.isAbsolute(name) || posix.normalize(name).startsWith('..')) {
    const actual = `${JSON.stringify(name)} with checksum ${JSON.stringify(announced.oid)}`
    throw new TabError('INVALID_DATA', { where: repo, expected: 'the hub must list a file in the model', actual })
  }
  const blob = join(folder, 'blobs', announced.oid)
  const pointer = join(folder, 'snapshots', commit, name)
  await mkdir(dirname(blob), { recursive: true })
  await mkdir(dirname(pointer), { recursive: true })
  const isWhole = async (): Promise<boolean> => (await checksum(blob, announced)) === announced.oid
  if (!(await isWhole())) {
    const lock = await waitForLock(`${blob}.lock`, {
      where: repo,
      signal: task.signal,
      abandonedAfter: ABANDONED,
      onWait: () => task.onProgress?.({ phase: `wait for another process to download ${repo}`, done: 0 }),
    })
    try {
      if (!(await isWhole())) await fetchBlob(source, announced, blob, task)
    } finally {
      await lock.release()
    }
  }
  await link(blob, pointer)
  return pointer
}

async function fetchBlob(source: HubFile, announced: Announced, blob: string, task: LongTaskOptions): Promise<void> {
  for (const adopting of [true, false]) {
    const part = ownPart(blob)
    const adopted = adopting ? await adoptPart(blob, part, announced.size) : 0
    try {
      if (adopted < announced.size) await append(source, announced, part, adopted, task)
    } catch (error) {
      await releasePart(blob, part)
      throw error
    }
    const actual = await checksum(part, announced)
    if (actual === announced.oid) {
      await rename(part, blob)
      return cleanParts(blob)
    }
    const { size } = await stat(part)
    await rm(part, { force: true })
    if (adopted > 0) continue // what an earlier attempt left was not what it seemed
    throw new TabError('INVALID_DATA', {
      where: `${source.repo}/${source.file.path}`,
      expected: `the checksum ${announced.oid} that the hub announces (try again; what came is removed)`,
      actual: `${actual} of ${size} bytes`,
    })
  }
}

/** Writes bytes `from` to the end of the file after those that `part` holds. */
async function append(
  { repo, commit, file: { path }, access }: HubFile,
  { size }: Announced,
  part: string,
  from: number,
  { signal, onProgress }: LongTaskOptions,
): Promise<void> {
  const source = await downloadFile({ repo, path, revision: commit, ...access })
  if (!source) throw new TabError('NOT_FOUND', { where: repo, expected: path, actual: 'none' })
  let done = from
  const report = (): void => onProgress?.({ phase: `download ${repo}, MB`, done: mega(done), total: mega(size) })
  report()
  const rest = from > 0 ? source.slice(from, size) : source
  await pipeline(
    Readable.fromWeb(rest.stream() as ReadableStream),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        done += chunk.byteLength
        report()
        yield chunk
      }
    },
    createWriteStream(part, { flags: 'a' }),
    signal ? { signal } : {},
  )
}

/** The checksum of what lies on the disk; undefined for a file that is not there. */
async function checksum(path: string, { size, isLarge }: Announced): Promise<string | undefined> {
  if (!(await stat(path).catch(() => undefined))) return undefined
  const hash = isLarge ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`)
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}

/** Makes or replaces the link of a snapshot in one step, so that another process never meets half of it. */
async function link(blob: string, pointer: string): Promise<void> {
  const temporary = `${pointer}.${randomBytes(8).toString('hex')}.tmp`
  try {
    // Where links are not allowed, a copy serves.
    await symlink(relative(dirname(pointer), blob), temporary).catch(() => copyFile(blob, temporary))
    await rename(temporary, pointer)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Bytes as megabytes to a decimal. */
function mega(bytes: number): number {
  return Math.round(bytes / 1e5) / 10
}
