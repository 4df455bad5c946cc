import { randomUUID } from 'node:crypto'
import { lstat, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isTabError, TabError } from '@tab/core'
import { acquireLock, LockHeld, type FileLock } from '@tab/core/node'
import { isImageName } from '@tab/data/node'
import { makeFolder } from './make-folder.ts'
import { fillFolder } from './output-folder.ts'
import { isWithin, realEntry, realPlace } from './real-place.ts'

/** An output that this run holds until it is disposed of; no other run of tab writes it meanwhile. */
export interface OutputClaim extends AsyncDisposable {
  /**
   * Lets `fill` write into a new folder and moves what it wrote to its place once it is done: all of it or nothing.
   * @throws INVALID_ARGUMENT where a name was taken meanwhile; what `fill` throws
   */
  fill(fill: (workplace: string) => Promise<void>): Promise<void>
  /** Writes files, by their names: all of them or none. */
  publish(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>
  /** A name beside the output for a file that is being written; what a kill leaves there is removed by the next run. */
  temporary(): string
}

export interface ClaimOptions {
  /** Paths that the command reads, files or folders: none of them is ever written. */
  readonly reads?: readonly (string | undefined)[]
  /** Entries that not every run writes: what an earlier one left of them goes when the results are published without. */
  readonly optional?: readonly string[]
  /** Field that named it, for messages. Default `spec.output`. */
  readonly where?: string
  /** What may be done about an output that exists. Default `use spec.overwrite or another folder`. */
  readonly advice?: string
}

/**
 * Takes an output before long work, for as long as the work lasts: by a lock beside it, so that of two runs the second is refused, and one
 * that cannot be written is found now. What killed runs left there, locks and temporary files, is removed.
 * @param folder made where there is none, and removed again if nothing comes to lie in it
 * @param entries what the command writes there: names of files, names of folders with a slash at the end
 * @param overwrite whether what exists may be replaced; a link is replaced itself, never followed
 * @throws INVALID_ARGUMENT when an entry exists and `overwrite` is false, is of another type, is what the command reads, lies in the way of what
 *   it reads, is held by another run, or cannot be written
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { claimOutput } from '@tab/pipeline/node'
 *
 * async function work() {
 *   await using claim = await claimOutput('claimed', ['scores.json'], false, { reads: ['washers'] })
 *   await claim.publish({ 'scores.json': '[0.2, 0.9]' }) // after long work: whole or not at all
 * }
 * await work()
 * console.log(await readFile('claimed/scores.json', 'utf8')) // [0.2, 0.9]
 * await work().catch(({ message }) => console.log(message)) // spec.output: claimed/scores.json exists; use spec.overwrite or another folder
 * ```
 */
export async function claimOutput(
  folder: string,
  entries: readonly string[],
  overwrite: boolean,
  {
    reads = [],
    optional = [],
    where = 'spec.output',
    advice = 'use spec.overwrite or another folder',
  }: ClaimOptions = {},
): Promise<OutputClaim> {
  const refuse = (message: string, cause?: unknown): never => {
    throw new TabError('INVALID_ARGUMENT', { where, message, cause })
  }
  const check = async (): Promise<void> => {
    for (const entry of entries) {
      const isFolder = entry.endsWith('/')
      const path = join(folder, isFolder ? entry.slice(0, -1) : entry)
      const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        return refuse(`${path} cannot be written: ${error.message}`, error)
      })
      if (found && !overwrite) refuse(`${path} exists; ${advice}`)
      if (found?.isSymbolicLink() && isFolder) refuse(`${path} is a link, which would be followed; remove it`)
      if (found && !found.isSymbolicLink() && found.isDirectory() !== isFolder) {
        refuse(`${path} is ${found.isDirectory() ? 'a folder' : 'no folder'}, and is not replaced; use another name`)
      }
      for (const read of reads) {
        if (read !== undefined) await checkApart(path, isFolder, read, refuse)
      }
    }
  }
  await check()
  const token = randomUUID()
  const locks: FileLock[] = []
  let made: string | undefined
  const release = async (): Promise<void> => {
    for (const lock of locks.splice(0)) await lock.release()
    if (made === undefined) return
    // An empty folder says nothing; one with something in it stays.
    for (let path = resolve(folder); isWithin(path, resolve(made)); path = dirname(path)) {
      if (
        !(await rmdir(path).then(
          () => true,
          () => false,
        ))
      )
        break
    }
  }
  try {
    made = await makeFolder(folder)
    for (const entry of [...entries].sort()) {
      const lock = await acquireLock(join(folder, lockName(entry)), { token })
      locks.push(lock)
      await clean(folder, entry, lock.overtaken)
    }
    await check() // what another run finished until the locks were ours
  } catch (error) {
    await release()
    if (isTabError(error)) throw error
    const { message } = error as Error
    if (error instanceof LockHeld) refuse(`${join(folder, entries[0] ?? '')}: ${message}`, error)
    refuse(`${join(folder, entries[0] ?? '')} cannot be written: ${message}`, error)
  }
  let count = 0
  const temporary = (): string => join(folder, `.${token}.${count++}.tmp`)
  return {
    temporary,
    fill: (fill) => fillFolder(folder, temporary(), overwrite, fill, optional),
    publish: (files) => fillFolder(folder, temporary(), overwrite, files, optional),
    [Symbol.asyncDispose]: release,
  }
}

function lockName(entry: string): string {
  return `.${basename(entry).replace(/^\./, '')}.lock`
}

/** Removes what killed runs left: by the token of their lock, and in a folder of the output, which is ours alone, whatever is unfinished. */
async function clean(folder: string, entry: string, tokens: readonly string[]): Promise<void> {
  for (const name of tokens.length > 0 ? await readdir(folder) : []) {
    if (name.endsWith('.tmp') && tokens.some((token) => name.startsWith(`.${token}.`))) {
      await rm(join(folder, name), { recursive: true, force: true })
    }
  }
  if (!entry.endsWith('/')) return
  const names = await readdir(join(folder, entry), { recursive: true }).catch((): string[] => [])
  for (const name of names) if (UNFINISHED.test(name)) await rm(join(folder, entry, name), { force: true })
}

const UNFINISHED = /\.(\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\.tmp$/

/** Refuses an output that is what the command reads, contains it, or would be read by it. */
async function checkApart(
  path: string,
  isFolder: boolean,
  read: string,
  refuse: (message: string) => never,
): Promise<void> {
  const [place, source] = await Promise.all([realEntry(dirname(path), basename(path)), realPlace(read)])
  const [mine, its] = await Promise.all([lstat(path).catch(() => undefined), stat(read).catch(() => undefined)])
  const isSame =
    mine !== undefined && its !== undefined && mine.ino !== 0 && mine.ino === its.ino && mine.dev === its.dev
  if (place === source || isSame) refuse(`${path} is what the command reads, ${read}; use another place`)
  if (isFolder && isWithin(source, place))
    refuse(`${path} would replace ${read}, which the command reads; use another place`)
  if (!its?.isDirectory() || !isWithin(place, source)) return
  if (isFolder) refuse(`${path} lies in ${read}, and its images would be read with those there; use another place`)
  if (mine && READ_NAME.test(basename(path)))
    refuse(`${path} lies in ${read}, which the command reads; use another place`)
  if (mine && isImageName(path)) refuse(`${path} is an image in ${read}, which the command reads; use another place`)
}

const READ_NAME = /\.(csv|tsv)$/i
