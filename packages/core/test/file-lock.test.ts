import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { acquireLock, LockHeld, waitForLock } from '@tab/core/node'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-lock-'))
  path = join(folder, 'lock')
})
afterEach(() => rm(folder, { recursive: true }))

/** A process of its own that holds the lock. */
async function holder(): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'hold-lock.ts'), [path], {
    execArgv: ['--conditions=@tab/source', '--import=tsx'],
  })
  await once(child, 'message')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** The lock of a process on another host, which gave its last sign of life some milliseconds ago. */
async function heldElsewhere(age: number): Promise<void> {
  await writeFile(path, JSON.stringify({ token: 'far', pid: process.pid, host: 'elsewhere', start: null }))
  const then = new Date(Date.now() - age)
  await utimes(path, then, then)
}

describe('a file lock', () => {
  test('that the disk takes a part of is an error, and is not left behind', async () => {
    if (process.platform === 'win32') return void process.stderr.write('no limits of file size here\n')
    const holder = ['--conditions=@tab/source', '--import=tsx', join(import.meta.dirname, 'hold-lock.ts')]
    const limited = ['-c', 'ulimit -f 1; exec "$0" "$@"', process.execPath, ...holder, path, 'x'.repeat(4000)]
    const { stderr, status } = spawnSync('sh', limited, { encoding: 'utf8', timeout: 50_000 })
    expect([status, stderr]).toEqual([1, expect.stringContaining('EFBIG')])
    expect(await readdir(folder)).toEqual([])
  })

  test('is held by one at a time, and gone after its release', async () => {
    const lock = await acquireLock(path)
    await expect(acquireLock(path)).rejects.toThrow(LockHeld)
    await expect(acquireLock(path)).rejects.toThrow(`process ${process.pid} on`)
    await lock.release()
    expect(await readdir(folder)).toEqual([])
  })

  test('of several that ask at once one gets it', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(path)))
    const got = asked.filter(({ status }) => status === 'fulfilled')
    expect(got).toHaveLength(1)
    for (const one of asked) if (one.status === 'fulfilled') await one.value.release()
  })

  test('of a killed process is taken over, by one of several that wait', async () => {
    const child = await holder()
    await expect(acquireLock(path)).rejects.toThrow(`process ${child.pid} on`)
    let inside = 0
    let waited = 0
    const work = async (): Promise<readonly string[]> => {
      const lock = await waitForLock(path, { where: 'test', onWait: () => waited++ })
      expect(++inside).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 5))
      inside--
      await lock.release()
      return lock.overtaken
    }
    const all = Promise.all([work(), work(), work()])
    while (waited < 3) await new Promise((resolve) => setTimeout(resolve, 5))
    await kill(child)
    expect((await all).flat()).toEqual(['of-the-holder'])
    expect(await readdir(folder)).toEqual([])
  }, 30_000)

  test('one that waits can be stopped, and takes nothing', async () => {
    const lock = await acquireLock(path)
    const stop = new AbortController()
    const waiting = waitForLock(path, { where: 'the download', signal: stop.signal, onWait: () => stop.abort() })
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED', where: 'the download' })
    await lock.release()
    expect(await readdir(folder)).toEqual([])
  })

  test('of another host, or cut off by a kill, is taken over once it gave no sign of life for long', async () => {
    await heldElsewhere(30_000)
    await expect(acquireLock(path, { abandonedAfter: 60_000 })).rejects.toThrow('on elsewhere')
    await (await acquireLock(path, { abandonedAfter: 10_000 })).release()
    await heldElsewhere(660_000)
    expect((await acquireLock(path)).overtaken).toEqual(['far'])
    await writeFile(path, '{"token":')
    await expect(acquireLock(path)).rejects.toThrow('another process')
    await (await acquireLock(path, { abandonedAfter: -1 })).release()
    expect(await readdir(folder)).toEqual([])
  })

  test('that was taken over is not released by the one that lost it', async () => {
    const lost = await acquireLock(path)
    await rm(path)
    const lock = await acquireLock(path, { token: 'mine' })
    await lost.release()
    expect(await readFile(path, 'utf8')).toContain('"mine"')
    await lock.release()
  })
})
