import { randomUUID } from 'node:crypto'
import { open, readFile, rm, stat, utimes } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { throwIfAborted } from '../long-task.ts'
import { isGone, ownIdentity, type ProcessIdentity } from './process-identity.ts'

/** A lock that this process holds. */
export interface FileLock {
  /** Tokens of the locks of dead processes that were taken over. */
  readonly overtaken: readonly string[]
  release(): Promise<void>
}

/**
 * Another process holds the lock.
 * @example
 * ```ts
 * import { acquireLock, LockHeld } from '@tab/core/node'
 * const lock = await acquireLock('held.lock')
 * console.log(await acquireLock('held.lock').catch((error) => error instanceof LockHeld)) // true
 * await lock.release()
 * ```
 */
export class LockHeld extends Error {
  constructor(path: string, holder: LockHolder | undefined) {
    const who = holder ? `process ${holder.pid} on ${holder.host.split(' ')[0]}` : 'another process'
    super(`${who} is writing there (its lock is ${path})`)
  }
}

export interface LockHolder extends ProcessIdentity {
  readonly token: string
}

const TOUCHED = 20_000 // milliseconds between two signs of life
const ABANDONED = 600_000 // a lock of another host that gave none for so long; no step of a command blocks so long
const WAIT = 200 // milliseconds between two looks at a lock that is waited for

export interface LockOptions {
  /** Of the whole run; what it leaves when killed is found by it. Default: a new one. */
  readonly token?: string
  /** Milliseconds without a sign of life after which the lock of another host counts as abandoned. Default: ten minutes. */
  readonly abandonedAfter?: number
}

export interface WaitForLockOptions extends LockOptions {
  /** What waits, for the error of an abort. */
  readonly where: string
  readonly signal?: AbortSignal | undefined
  /** Told once, when another process is found to hold the lock. */
  readonly onWait?: (held: LockHeld) => void
}

/**
 * Takes a lock, held by creating a file exclusively. The lock of a process that is gone is taken over: who has the lock of that
 * takeover, which is named by the token of the dead lock, removes it, so that of several none removes a fresh one.
 * @throws LockHeld; what the disk says
 * @example
 * ```ts
 * import { acquireLock } from '@tab/core/node'
 * const lock = await acquireLock('output.lock')
 * console.log(lock.overtaken) // []
 * await lock.release()
 * ```
 */
export async function acquireLock(
  path: string,
  { token = randomUUID(), abandonedAfter = ABANDONED }: LockOptions = {},
): Promise<FileLock> {
  const text = JSON.stringify({ token, ...(await ownIdentity()) } satisfies LockHolder)
  const overtaken: string[] = []
  while (!(await create(path, text))) {
    const found = await readHolder(path)
    if (found === 'absent') continue
    const { holder, age } = found
    const gone = holder ? ((await isGone(holder)) ?? age > abandonedAfter) : age > abandonedAfter
    if (!gone) throw new LockHeld(path, holder)
    const takeover = await acquireLock(`${path}.${holder?.token ?? 'torn'}`)
    try {
      const still = await readHolder(path)
      if (still !== 'absent' && still.holder?.token === holder?.token) await rm(path, { force: true })
    } finally {
      await takeover.release()
    }
    if (holder) overtaken.push(holder.token)
  }
  const timer = setInterval(() => {
    const now = new Date()
    void utimes(path, now, now).catch(() => undefined)
  }, TOUCHED)
  timer.unref()
  return {
    overtaken,
    async release() {
      clearInterval(timer)
      const found = await readHolder(path).catch(() => 'absent' as const)
      if (found !== 'absent' && found.holder?.token === token) await rm(path, { force: true }).catch(() => undefined)
    },
  }
}

/**
 * Takes a lock as soon as no living process holds it.
 * @throws ABORTED; what the disk says
 * @example
 * ```ts
 * import { waitForLock } from '@tab/core/node'
 * const lock = await waitForLock('download.lock', { where: 'my download' })
 * console.log(lock.overtaken) // []
 * await lock.release()
 * ```
 */
export async function waitForLock(
  path: string,
  { where, signal, onWait, ...options }: WaitForLockOptions,
): Promise<FileLock> {
  for (let first = true; ; first = false) {
    throwIfAborted(where, signal)
    try {
      return await acquireLock(path, options)
    } catch (error) {
      if (!(error instanceof LockHeld)) throw error
      if (first) onWait?.(error)
    }
    await setTimeout(WAIT, undefined, signal ? { signal } : {}).catch(() => undefined) // an abort is thrown above
  }
}

async function create(path: string, text: string): Promise<boolean> {
  const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined
    throw error
  })
  if (!file) return false
  try {
    await file.writeFile(text) // `write` may write a part, and say so by a number alone
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
  return true
}

/** `holder` is undefined where the lock is just being written, or was cut off by a kill. */
async function readHolder(path: string): Promise<{ holder: LockHolder | undefined; age: number } | 'absent'> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      value = undefined
    }
    return { holder: isHolder(value) ? value : undefined, age: Date.now() - mtimeMs }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent'
    throw error
  }
}

function isHolder(value: unknown): value is LockHolder {
  const { token, pid, host, start } = (value ?? {}) as Partial<Record<keyof LockHolder, unknown>>
  return (
    typeof token === 'string' &&
    typeof pid === 'number' &&
    typeof host === 'string' &&
    (start === null || typeof start === 'string')
  )
}
