import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const SCRIPT = join(import.meta.dirname, 'extract-once.ts')
const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

describe.each(['loaded', 'imported'])('a process that has the runtime %s', (way) => {
  let folder: string
  let home: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tab-telemetry-'))
    home = await mkdtemp(join(folder, 'home-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  /** Runs it with a fresh home folder and nothing said of telemetry. */
  function extract(before: readonly string[]): string {
    const env = { ...process.env, HOME: home, TMPDIR: folder }
    for (const name of ['ORT_DISABLE_TELEMETRY', 'XDG_CACHE_HOME']) Reflect.deleteProperty(env, name)
    const command = [...before, process.execPath, '--conditions=@tab/source', '--import=tsx', SCRIPT, way]
    const { stdout, stderr } = spawnSync(command[0] as string, command.slice(1), { cwd: ROOT, env, encoding: 'utf8' })
    return stdout || stderr
  }

  test('leaves the home folder empty', async () => {
    expect(extract([])).toBe('64x1 1')
    expect(await readdir(home)).toEqual([])
  })

  const traced = hasStrace ? test : test.skip
  traced(`opens no connection and asks for no name${hasStrace ? '' : ' (skipped: strace is not here)'}`, async () => {
    const log = join(folder, 'calls.log')
    expect(extract(['strace', '-f', '-e', 'trace=connect,sendto,sendmsg,sendmmsg', '-o', log])).toBe('64x1 1')
    const calls = (await readFile(log, 'utf8')).split('\n')
    expect(calls.some((call) => call.includes('exited'))).toBe(true)
    expect(calls.filter((call) => /AF_INET|sin_port|nscd|resolve/.test(call))).toEqual([])
  })
})
