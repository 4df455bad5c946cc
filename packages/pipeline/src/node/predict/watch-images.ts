import { createHash } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { WatchSource } from './watch-sources.ts'

const INTERVAL = 200 // milliseconds between two looks, and for so long a file must be unchanged before it is read
const IDLE_SHARE = 4 // a look that takes long is followed by a pause so many times as long
const COARSE = 3000 // milliseconds: times of files may be so coarse, and a change within them unseen
const AT_ONCE = 32 // files that are looked at together

/** An image that waits to be scored, or one of which only that it cannot be. */
export interface WatchedImage {
  readonly path: string
  /** Why it cannot be scored, where that is known without reading it. */
  readonly reason: string | undefined
}

/** New images of folders, patterns and files. */
export interface ImageWatch {
  /** Up to `count` images, once there are any, the oldest first; none when the signal has fired. Each is then answered by `scored` or `failed`. */
  next(count: number): Promise<WatchedImage[]>
  /** Whether an image is still what it was when `next` gave it; another one comes again. */
  isCurrent(path: string): Promise<boolean>
  scored(path: string): void
  /** @returns whether that is the last word; else it is tried again, as it may be half-written */
  failed(path: string): boolean
  /** Images that are there, a last look taken, and were neither scored nor given up. */
  waiting(): Promise<readonly string[]>
  /** Whether images may have passed unseen. */
  readonly missed: boolean
}

export interface ImageWatchOptions {
  /** Milliseconds without a change after which an image that cannot be read is given up. */
  readonly settle: number
  /** Whether what is there at the beginning is left alone. Default false. */
  readonly newOnly?: boolean
  /** Whether a file is none of the watch's business. Default: none is. */
  readonly isExcluded?: (path: string) => Promise<boolean>
  readonly signal: AbortSignal | undefined
  /** Told when a folder is gone or back, and of images that were lost. */
  readonly onNote: (note: string) => void
}

interface Entry {
  readonly path: string
  readonly root: string
  reason: string | undefined
  signature: string
  inode: string
  /** When this signature was first seen. */
  since: number
  /** Since when it has waited, through all its changes; infinite once it was said that it never comes to rest. */
  restless: number
  state: 'waiting' | 'taken' | 'done'
  /** When a waiting one is due. */
  due: number
  /** Whether an attempt failed on this signature. */
  hasFailed: boolean
  /** When it was taken, and the digest of what it held then. */
  takenAt: number
  digest: string | undefined
  /** Digest of what was scored or given up last. */
  lastDigest: string | undefined
  /** Whether its folder was gone since: a file that is not the very same then is a new one, whatever it holds. */
  wasLost: boolean
}

/**
 * Watches by looking again and again: at the names, and at size, times and inode of each file, so that no lost event is a lost image, on any
 * file system. Every content of a file is given once: also of one that is overwritten, renamed into its place or written slowly; one that is
 * touched, or overwritten by what it held, is not given again. What is kept is about 400 bytes for each image that lies there.
 * @throws INVALID_DATA for a source that cannot be listed at the beginning; one that cannot later is noted, and sets `missed`
 * @example
 * ```ts
 * import { copyFile, mkdir } from 'node:fs/promises'
 * import { watchImages, watchSources } from '@tab/pipeline/node'
 *
 * await mkdir('camera')
 * const watch = await watchImages(await watchSources(['camera']), {
 *   settle: 10_000,
 *   signal: AbortSignal.timeout(60_000),
 *   onNote: console.warn,
 * })
 * await copyFile('washers/train/good/000.png', 'camera/1.png')
 * for (const { path } of await watch.next(8)) {
 *   console.log(path) // camera/1.png
 *   watch.scored(path) // or failed(path), which says whether that is the last word
 * }
 * console.log(await watch.waiting(), watch.missed) // [] false
 * ```
 */
export async function watchImages(sources: readonly WatchSource[], options: ImageWatchOptions): Promise<ImageWatch> {
  const { settle, newOnly = false, isExcluded, signal, onNote } = options
  const entries = new Map<string, Entry>()
  const lost = new Set<string>() // inputs
  const roots = new Map<string, Stats>() // of each folder, at the last look
  let missed = false
  let looked = -Infinity
  let interval = INTERVAL

  function lose(note: string): void {
    missed = true
    onNote(note)
  }

  /** What the sources hold; undefined for one that cannot be listed, which at the beginning is an error unless it is gone. */
  async function list(source: WatchSource, isFirst: boolean) {
    const { input, root } = source
    try {
      const found = await stat(root)
      if (!found.isDirectory()) throw new Error(`${root} is no folder any more`)
      const listing = await source.list()
      if (lost.delete(input)) onNote(`${input} is back`)
      else if (isAnother(found, roots.get(root))) lose(`${root} was replaced by another folder`)
      roots.set(root, found)
      return listing
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const isGone = code === 'ENOENT' || code === 'NOT_FOUND'
      if (isFirst && !isGone) throw error
      if (!lost.has(input)) {
        const why = isGone ? `${root} is gone` : `${input} cannot be listed: ${message}`
        lost.add(input)
        lose(`${why}; waiting for it, images that come meanwhile are not seen`)
      }
      return undefined
    }
  }

  async function look({ isFirst = false, newOnly = false } = {}): Promise<void> {
    const begun = performance.now()
    const found = new Map<string, { path: string; root: string; reason: string | undefined }>()
    const absent = new Set<string>()
    for (const source of sources) {
      const listing = await list(source, isFirst)
      if (!listing) absent.add(source.root)
      for (const path of listing?.files ?? []) found.set(resolve(path), { path, root: source.root, reason: undefined })
      for (const { path, reason } of listing?.leftOut ?? [])
        found.set(resolve(path), { path, root: source.root, reason })
    }
    const now = performance.now()
    const moved = new Set<string>() // inodes under a new name
    const all = [...found]
    for (let i = 0; i < all.length; i += AT_ONCE) {
      await Promise.all(
        all.slice(i, i + AT_ONCE).map(async ([key, file]) => {
          if (await isExcluded?.(file.path)) return
          const seen = await signatureOf(file.path)
          if (!seen) return void found.delete(key) // gone since it was listed
          const entry = entries.get(key)
          if (!entry) moved.add(seen.inode)
          note(key, entry, file, seen, now, newOnly)
        }),
      )
    }
    for (const [key, entry] of entries) {
      if (found.has(key)) continue
      if (absent.has(entry.root)) {
        entry.wasLost = true // gone for good, or as long as its folder: we cannot tell
        continue
      }
      entries.delete(key)
      if (isUnscored(entry) && !moved.has(entry.inode)) lose(`${entry.path} vanished before it was scored`)
    }
    looked = performance.now()
    interval = Math.max(INTERVAL, IDLE_SHARE * (looked - begun))
  }

  function note(
    key: string,
    entry: Entry | undefined,
    { path, root, reason }: { path: string; root: string; reason: string | undefined },
    { signature, inode }: Signature,
    now: number,
    newOnly: boolean,
  ): void {
    if (entry && entry.signature === signature) {
      entry.wasLost = false
      return
    }
    const hasWaited = entry !== undefined && isUnscored(entry) && !entry.wasLost
    let restless = hasWaited ? entry.restless : now
    // Another file was renamed over it; a file that changes as the same one is being written.
    if (hasWaited && entry.inode !== inode && !entry.hasFailed) {
      lose(`${path} was replaced before it was scored`)
      restless = now
    } else if (now - restless > settle + COARSE) {
      lose(`${path} changes all the time, and cannot be scored`)
      restless = Infinity
    }
    entries.set(key, {
      path,
      root,
      reason,
      signature,
      inode,
      since: now,
      restless,
      state: newOnly ? 'done' : 'waiting',
      due: now + INTERVAL,
      hasFailed: false,
      takenAt: 0,
      digest: undefined,
      lastDigest: entry?.wasLost ? undefined : entry?.lastDigest,
      wasLost: false,
    })
  }

  /** Due entries whose content is not the one that was scored last. */
  async function take(count: number): Promise<WatchedImage[]> {
    const now = performance.now()
    const due = [...entries.values()]
      .filter(({ state, due }) => state === 'waiting' && due <= now)
      .sort((a, b) => a.since - b.since || (a.path < b.path ? -1 : 1))
    const taken: WatchedImage[] = []
    for (const entry of due) {
      if (taken.length === count || signal?.aborted) break
      entry.takenAt = Date.now()
      entry.digest = entry.reason === undefined ? await digestOf(entry.path) : entry.signature
      if (entry.digest !== undefined && entry.digest === entry.lastDigest && !entry.hasFailed) finish(entry)
      else {
        entry.state = 'taken'
        taken.push({ path: entry.path, reason: entry.reason })
      }
    }
    return taken
  }

  /** Done, unless the time of the file is so close that a change since would not show: then its content is compared once more. */
  function finish(entry: Entry): void {
    const isFresh = entry.takenAt < Number(entry.signature.split(' ')[1]) + COARSE
    const isChecked = entry.lastDigest === entry.digest && entry.since + COARSE <= performance.now()
    entry.lastDigest = entry.digest
    entry.hasFailed = false
    entry.state = isFresh && !isChecked && entry.reason === undefined ? 'waiting' : 'done'
    entry.due = performance.now() + COARSE
    if (entry.digest === undefined) entry.state = 'done'
  }

  const entryOf = (path: string): Entry | undefined => entries.get(resolve(path))

  await look({ isFirst: true, newOnly })
  return {
    async next(count) {
      while (!signal?.aborted) {
        if (performance.now() - looked >= interval) await look()
        const taken = await take(count)
        if (taken.length > 0) return taken
        await pause(Math.max(1, looked + interval - performance.now()), undefined, signal && { signal }).catch(
          () => undefined,
        )
      }
      return []
    },
    async isCurrent(path) {
      const entry = entryOf(path)
      if (entry?.state !== 'taken') return false
      if ((await signatureOf(path))?.signature === entry.signature) return true
      entry.state = 'waiting'
      return false
    },
    scored(path) {
      const entry = entryOf(path)
      if (entry) finish(entry)
    },
    failed(path) {
      const entry = entryOf(path)
      if (!entry) return true
      const waited = performance.now() - entry.since
      if (entry.reason !== undefined || waited >= settle) {
        finish(entry)
        return true
      }
      entry.hasFailed = true
      entry.state = 'waiting'
      entry.due = entry.since + Math.min(2 * waited, settle)
      return false
    },
    async waiting() {
      await look()
      return [...entries.values()].filter(isUnscored).map(({ path }) => path)
    },
    get missed() {
      return missed
    },
  }
}

/** Whether it still waits, other than for being compared once more. */
function isUnscored({ state, digest, lastDigest }: Entry): boolean {
  return state !== 'done' && (digest === undefined || digest !== lastDigest)
}

/** Whether a folder was removed and made again; one that took the inode of the old one shows it by its birth, where that is not a copy of `ctime`. */
function isAnother({ dev, ino, birthtimeMs, ctimeMs }: Stats, earlier: Stats | undefined): boolean {
  if (!earlier) return false
  return dev !== earlier.dev || ino !== earlier.ino || (birthtimeMs > earlier.birthtimeMs && birthtimeMs < ctimeMs)
}

interface Signature {
  /** Inode, time of its content, size, time of its inode; another one where anything was written. */
  readonly signature: string
  readonly inode: string
}

async function signatureOf(path: string): Promise<Signature | undefined> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path)
    return { signature: `${ino} ${mtimeMs} ${size} ${ctimeMs}`, inode: `${dev} ${ino}` }
  } catch {
    return undefined
  }
}

async function digestOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path), hash)
    return hash.digest('base64')
  } catch {
    return undefined // what is wrong with it is told by who reads it as an image
  }
}
