import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'

/** Whom a lock belongs to. */
export interface ProcessIdentity {
  readonly pid: number
  /** Host and namespace of process numbers: only within it does a number say whether a process lives. */
  readonly host: string
  /** Boot and start of the process, where the system tells them: numbers come again. */
  readonly start: string | null
}

/** This process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, host: await ownHost(), start: await startOf(process.pid) }
}

/** Whether a process is gone; undefined where that cannot be told from here, as of one on another host. */
export async function isGone({ pid, host, start }: ProcessIdentity): Promise<boolean | undefined> {
  if (host !== (await ownHost())) return undefined
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
  }
  const now = await startOf(pid)
  return start !== null && now !== null && now !== start
}

async function ownHost(): Promise<string> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '')
  return `${hostname()} ${namespace}`.trim()
}

async function startOf(pid: number): Promise<string | null> {
  try {
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ])
    // The name of the program, in parentheses, may hold anything; `starttime` is the 20th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return `${boot.trim()} ${fields[19]}`
  } catch {
    return null
  }
}
