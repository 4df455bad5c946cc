import { randomUUID } from 'node:crypto'
import { open, readFile, rm, stat, utimes } from 'node:fs/promises'
import { z } from 'zod'
import { isGone, ownIdentity } from './process-identity.ts'

/** A lock that this process holds. */
export interface FileLock {
  /** Those of dead runs that were taken over, by the token of their lock. */
  readonly overtaken: readonly string[]
  release(): Promise<void>
}

/** Another process holds the lock. */
export class LockHeld extends Error {
  constructor(path: string, holder: Holder | undefined) {
    const who = holder ? `process ${holder.pid} on ${holder.host.split(' ')[0]}` : 'another process'
    super(`${who} is writing there (its lock is ${path})`)
  }
}

interface Holder {
  readonly token: string
  readonly pid: number
  readonly host: string
  readonly start: string | null
}

const HOLDER: z.ZodType<Holder> = z.object({
  token: z.string(),
  pid: z.number(),
  host: z.string(),
  start: z.string().nullable(),
})

const TOUCHED = 20_000 // milliseconds between two signs of life
const ABANDONED = 600_000 // a lock of another host that gave none for so long; no step of a command blocks so long

/**
 * Takes a lock, held by creating a file exclusively. The lock of a process that is gone is taken over: who has the lock of that
 * takeover, which is named by the token of the dead lock, removes it, so that of several none removes a fresh one.
 * @param token of the whole run
 * @throws LockHeld; what the disk says
 */
export async function acquireLock(path: string, token: string = randomUUID()): Promise<FileLock> {
  const text = JSON.stringify({ token, ...(await ownIdentity()) } satisfies Holder)
  const overtaken: string[] = []
  while (!(await create(path, text))) {
    const found = await readHolder(path)
    if (found === 'absent') continue
    const { holder, age } = found
    const gone = holder ? ((await isGone(holder)) ?? age > ABANDONED) : age > ABANDONED
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

async function create(path: string, text: string): Promise<boolean> {
  const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined
    throw error
  })
  if (!file) return false
  try {
    await file.write(text)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
  return true
}

/** `holder` is undefined where the lock is just being written, or was cut off by a kill. */
async function readHolder(path: string): Promise<{ holder: Holder | undefined; age: number } | 'absent'> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      value = undefined
    }
    return { holder: HOLDER.safeParse(value).data, age: Date.now() - mtimeMs }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent'
    throw error
  }
}
