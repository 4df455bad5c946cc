import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FROM_SOURCE } from '../../test/from-source.ts'

const CLI = join(import.meta.dirname, '../../packages/cli')
const BUILT = join(CLI, 'dist/bin.js')

/** The command as it is built; where it is not, its sources, which start more slowly. */
const ENTRY: readonly string[] = existsSync(BUILT) ? [BUILT] : [...FROM_SOURCE, join(CLI, 'src/bin.ts')]

/** How a process ended. */
export interface Ended {
  readonly status: number | null
  readonly stderr: string
  readonly seconds: number
}

/** What becomes of a process besides its own end. */
export interface Fate {
  /** SIGKILL after so many seconds. */
  readonly killAfter?: number
  /** SIGINT after so many lines of output. */
  readonly stopAfterLines?: number
  /** Bytes after which no file can grow: a write beyond them fails. */
  readonly fileLimit?: number
}

/** Runs `tab` with these words to its end. */
export async function runProcess(args: readonly string[], fate: Fate = {}): Promise<Ended> {
  const begun = performance.now()
  const child: ChildProcess = spawn(process.execPath, [...ENTRY, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  if (fate.fileLimit !== undefined) {
    execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${fate.fileLimit}:${fate.fileLimit}`])
  }
  let stderr = ''
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)))
  const { killAfter, stopAfterLines = Infinity } = fate
  let lines = 0
  child.stdout?.on('data', (chunk) => {
    const before = lines
    lines += String(chunk).split('\n').length - 1
    if (before < stopAfterLines && lines >= stopAfterLines) child.kill('SIGINT') // a second one would end it at once
  })
  const kill = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter * 1000)
  const [status] = (await once(child, 'close')) as [number | null]
  clearTimeout(kill)
  return { status, stderr, seconds: (performance.now() - begun) / 1000 }
}
