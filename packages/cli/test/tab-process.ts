import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { join } from 'node:path'
import { FROM_SOURCE } from '../../../test/from-source.ts'

/** How Node starts the command: the built one where the built packages are tested, else the sources by the loader of the repository. */
const ENTRY =
  process.env['TAB_DIST'] === '1'
    ? [join(import.meta.dirname, '../dist/bin.js')]
    : [...FROM_SOURCE, join(import.meta.dirname, '../src/bin.ts')]

/** The command as a process of its own. */
export function tabProcess(
  args: readonly string[],
  { stdio, preload, env = {} }: { stdio: StdioOptions; preload?: string; env?: Readonly<Record<string, string>> },
): ChildProcess {
  const before = preload === undefined ? [] : [`--import=${preload}`]
  return spawn(process.execPath, [...before, ...ENTRY, ...args], {
    stdio,
    env: { ...process.env, ...env },
  })
}
