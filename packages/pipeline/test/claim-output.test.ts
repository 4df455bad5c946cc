import { fork } from 'node:child_process'
import { once } from 'node:events'
import { link, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { claimOutput } from '../src/node/files/claim-output.ts'
import { isWithin, realPlace } from '../src/node/files/real-place.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-claim-'))
})
afterEach(() => rm(folder, { recursive: true }))

const at = (...names: string[]): string => join(folder, ...names)
const text = (path: string): Promise<string> => readFile(path, 'utf8')

/** A process that claims `name` and says so, then keeps it; with `fill`, in the middle of writing. */
async function holder(name: string, fill = false) {
  const child = fork(join(import.meta.dirname, 'hold-output.ts'), [folder, name, ...(fill ? ['fill'] : [])], {
    execArgv: ['--conditions=@tab/source', '--import=tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [message] = (await once(child, 'message')) as [string]
  return { child, message }
}

describe('claimOutput', () => {
  test('what is published lies there alone; locks, temporary files and empty folders are gone', async () => {
    {
      await using claim = await claimOutput(at('new', 'deep'), ['a.txt', 'b/'], false)
      await claim.fill(async (workplace) => {
        await mkdir(join(workplace, 'b'))
        await writeFile(join(workplace, 'b', 'c.txt'), 'c')
      })
      await claim.publish({ 'a.txt': 'a' })
    }
    expect((await readdir(at('new', 'deep'), { recursive: true })).sort()).toEqual(['a.txt', 'b', 'b/c.txt'])
    await (await claimOutput(at('other', 'deep'), ['a.txt'], false))[Symbol.asyncDispose]()
    expect(await readdir(folder)).toEqual(['new'])
  })

  test.each<[string, (path: string) => Promise<unknown>]>([
    ['a file', (path) => writeFile(path, 'mine')],
    ['a folder', (path) => mkdir(path)],
    ['a link to nothing', (path) => symlink('nowhere', path)],
  ])('%s of that name is refused', async (_, make) => {
    await make(at('out'))
    await expect(claimOutput(folder, ['out'], false)).rejects.toThrow('out exists; use spec.overwrite')
    expect(await readdir(folder)).toEqual(['out'])
  })

  test('overwriting replaces a link and never what it leads to; a folder is not replaced by a file', async () => {
    await writeFile(at('precious'), 'mine')
    await symlink('precious', at('out'))
    {
      await using claim = await claimOutput(folder, ['out'], true)
      await claim.publish({ out: 'new' })
    }
    expect([(await lstat(at('out'))).isSymbolicLink(), await text(at('out')), await text(at('precious'))]).toEqual([
      false,
      'new',
      'mine',
    ])
    await mkdir(at('kept'))
    await expect(claimOutput(folder, ['kept'], true)).rejects.toThrow('kept is a folder')
    await symlink('kept', at('linked'))
    await expect(claimOutput(folder, ['linked/'], true)).rejects.toThrow('linked is a link')
    expect(await readlink(at('linked'))).toBe('kept')
  })

  test('what a command reads is never written, by whatever path it is named', async () => {
    await mkdir(at('data', 'good'), { recursive: true })
    await writeFile(at('data', 'good', '1.png'), 'photograph')
    await writeFile(at('weights'), 'weights')
    await symlink('data', at('link'))
    await link(at('weights'), at('twin'))
    const attempt = (entry: string, read: string, base = folder) =>
      claimOutput(base, [entry], true, { reads: [read] }).then(
        async (claim) => claim[Symbol.asyncDispose](),
        (error: Error) => error.message,
      )
    expect(await attempt('weights', at('data', '..', 'weights'))).toContain('is what the command reads')
    expect(await attempt('twin', at('weights'))).toContain('is what the command reads')
    expect(await attempt('1.png', at('data'), at('link', 'good'))).toContain('is an image in')
    expect(await attempt('good/', at('data', 'good', '1.png'), at('link'))).toContain('would replace')
    expect(await attempt('images/', at('link'), at('data'))).toContain('would be read with those there')
    expect(await attempt('report.html', at('data'), at('data'))).toBeUndefined()
    expect((await readdir(folder)).sort()).toEqual(['data', 'link', 'twin', 'weights'])
  })

  test('a second claim in this process is refused while the first lasts', async () => {
    const claim = await claimOutput(folder, ['a', 'b'], false)
    await expect(claimOutput(folder, ['b', 'c'], true)).rejects.toThrow(
      /spec.output: .*process \d+ .* is writing there/,
    )
    await claim[Symbol.asyncDispose]()
    await (await claimOutput(folder, ['b', 'c'], true))[Symbol.asyncDispose]()
    expect(await readdir(folder)).toEqual([])
  })

  test('another process keeps it as long as it lives; what it left when killed is cleaned', async () => {
    const { child, message } = await holder('out', true)
    expect(message).toBe('claimed')
    await expect(claimOutput(folder, ['out'], true)).rejects.toThrow(`process ${child.pid} on`)
    const left = await readdir(folder)
    expect(left.filter((name) => name.endsWith('.tmp'))).toHaveLength(1)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await writeFile(at('.other.tmp'), 'not ours')
    const claims = await Promise.allSettled([1, 2, 3].map(() => claimOutput(folder, ['out'], false)))
    const taken = claims.filter(({ status }) => status === 'fulfilled')
    expect(taken).toHaveLength(1)
    for (const one of claims) if (one.status === 'fulfilled') await one.value[Symbol.asyncDispose]()
    expect(await readdir(folder)).toEqual(['.other.tmp'])
  })

  test('a file that appears meanwhile is kept, and so are the results', async () => {
    await using claim = await claimOutput(folder, ['a', 'b'], false)
    await writeFile(at('b'), 'theirs')
    const error = await claim.publish({ a: 'mine', b: 'mine' }).catch((reason: Error) => reason.message)
    const refuge = (/the results are in (.*)$/.exec(String(error)) ?? [])[1] as string
    expect([await text(at('b')), await text(join(refuge, 'a')), await text(join(refuge, 'b'))]).toEqual([
      'theirs',
      'mine',
      'mine',
    ])
    await expect(lstat(at('a'))).rejects.toThrow('ENOENT')
  })

  test('a failure in the middle leaves the earlier result whole and nothing half-written', async () => {
    await mkdir(at('images'))
    await writeFile(at('images', 'first'), 'first')
    await using claim = await claimOutput(folder, ['images/'], true)
    const failing = claim.fill(async (workplace) => {
      await mkdir(join(workplace, 'images'))
      throw new Error('no space left on device')
    })
    await expect(failing).rejects.toThrow('no space')
    expect((await readdir(folder)).filter((name) => !name.endsWith('.lock'))).toEqual(['images'])
    expect(await readdir(at('images'))).toEqual(['first'])
  })

  test('a place that cannot be written is found at once', async () => {
    await writeFile(at('file'), '')
    await expect(claimOutput(at('file', 'below'), ['out'], false)).rejects.toThrow(
      /spec.output: .*cannot be written: ENOTDIR/,
    )
    await expect(claimOutput('/proc/tab', ['out'], false)).rejects.toThrow(/spec.output: .*cannot be written: E/)
  })
})

test('isWithin: a path is below a folder exactly when the folder is its beginning, name by name', async () => {
  const name = fc.constantFrom('a', 'b', '..a', 'a b', '.')
  await fc.assert(
    fc.asyncProperty(fc.array(name, { maxLength: 4 }), fc.array(name, { maxLength: 4 }), async (one, other) => {
      const [path, base] = [one, other].map((names) => names.filter((part) => part !== '.')) as [string[], string[]]
      const expected = base.every((part, index) => path[index] === part)
      expect(isWithin(await realPlace(at(...one)), await realPlace(at(...other)))).toBe(expected)
    }),
  )
})
