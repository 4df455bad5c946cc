import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

test('a cell of a benchmark in a thread leaves the home folder empty', async () => {
  const home = await mkdtemp(join(tmpdir(), 'tab-home-'))
  const env = { ...process.env, HOME: home }
  for (const name of ['ORT_DISABLE_TELEMETRY', 'XDG_CACHE_HOME']) Reflect.deleteProperty(env, name)
  const args = [
    '--conditions=@tab/source',
    '--import=tsx',
    join(import.meta.dirname, '../../pipeline/test/thread-once.ts'),
  ]
  const cwd = join(import.meta.dirname, '..', '..', '..')
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' })
  expect([stdout, stderr]).toEqual(['done', ''])
  expect(await readdir(home)).toEqual([])
  await rm(home, { recursive: true })
})
