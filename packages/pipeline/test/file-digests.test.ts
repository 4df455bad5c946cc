import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openFileDigests } from '../src/node/benchmark/file-digests.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-digests-'))
})
afterAll(() => rm(folder, { recursive: true }))

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')
const old = new Date('2020-01-01')

describe('openFileDigests', () => {
  test('gives the digest of the content, whatever size and time say', async () => {
    const [file, kept] = [join(folder, 'a.bmp'), join(folder, 'a.json')]
    for (const content of ['first', 'other', 'third']) {
      await writeFile(file, content)
      await utimes(file, old, old)
      const digests = await openFileDigests(kept)
      expect(await digests.of(file)).toBe(sha256(content))
      await digests.save()
    }
  })

  test('a file that changed a moment ago is not kept: it could change again within one tick of the clock', async () => {
    const [file, kept] = [join(folder, 'b.bmp'), join(folder, 'b.json')]
    await writeFile(file, 'new')
    const digests = await openFileDigests(kept)
    await digests.of(file)
    await digests.save()
    expect(JSON.parse(await readFile(kept, 'utf8'))).toEqual({ schema: 'tab.file-digests/1', files: {} })
  })

  test('takes what is kept while the stat data are the same, and only then', async () => {
    const [file, kept] = [join(folder, 'c.bmp'), join(folder, 'c.json')]
    await writeFile(file, 'content')
    const { size, mtimeNs, ctimeNs, ino, dev } = await stat(file, { bigint: true })
    const claimed = sha256('what was there before')
    const keep = (stamp: string) =>
      writeFile(kept, JSON.stringify({ schema: 'tab.file-digests/1', files: { [file]: { stamp, sha256: claimed } } }))
    await keep([size, mtimeNs, ctimeNs, ino, dev].join(' '))
    expect(await (await openFileDigests(kept)).of(file)).toBe(claimed)
    for (const stamp of [
      [size + 1n, mtimeNs, ctimeNs, ino, dev],
      [size, mtimeNs + 1n, ctimeNs, ino, dev],
      [size, mtimeNs, ctimeNs + 1n, ino, dev],
      [size, mtimeNs, ctimeNs, ino + 1n, dev],
    ]) {
      await keep(stamp.join(' '))
      expect(await (await openFileDigests(kept)).of(file)).toBe(sha256('content'))
    }
  })

  test.each(['', '{', '[]', '{"schema":"tab.file-digests/1","files":{"x":1}}', '{"schema":"other","files":{}}'])(
    'a damaged file %j counts as none',
    async (text) => {
      const [file, kept] = [join(folder, 'd.bmp'), join(folder, 'd.json')]
      await writeFile(file, 'd')
      await writeFile(kept, text)
      expect(await (await openFileDigests(kept)).of(file)).toBe(sha256('d'))
    },
  )
})
