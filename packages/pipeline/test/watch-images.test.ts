import { copyFile, mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { watchImages, type ImageWatch, type ImageWatchOptions } from '../src/node/predict/watch-images.ts'
import { watchSources } from '../src/node/predict/watch-sources.ts'

let folder: string
let stop: AbortController
let notes: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-watch-'))
  stop = new AbortController()
  notes = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const at = (...names: string[]): string => join(folder, ...names)
const open = async (inputs: readonly string[], options: Partial<ImageWatchOptions> = {}): Promise<ImageWatch> =>
  watchImages(await watchSources(inputs), {
    settle: 1000,
    newOnly: false,
    isExcluded: async () => false,
    signal: stop.signal,
    onNote: (note) => notes.push(note),
    ...options,
  })

/** Names that come next, all scored. */
async function take(watched: ImageWatch, count = 99): Promise<string[]> {
  const some = await watched.next(count)
  for (const { path } of some) watched.scored(path)
  return some.map(({ path }) => basename(path))
}

/** Whether nothing comes any more: a marker that is written last comes alone. */
async function comesAlone(watched: ImageWatch, marker: string): Promise<void> {
  await writeFile(at(marker), marker)
  expect(await take(watched)).toEqual([marker])
}

describe('watchImages', () => {
  test('gives what is there, what comes below, and what is renamed into its place; no hidden file, no other', async () => {
    await writeFile(at('b.png'), 'b')
    await writeFile(at('a.png'), 'a')
    const watched = await open([folder])
    expect(await take(watched)).toEqual(['a.png', 'b.png'])
    await mkdir(at('deep'))
    await writeFile(at('deep', 'c.JPG'), 'c')
    expect(await take(watched)).toEqual(['c.JPG'])
    await writeFile(at('.d.png'), 'd')
    await writeFile(at('d.txt'), 'd')
    await writeFile(at('d.part'), 'd')
    await rename(at('d.part'), at('d.png'))
    expect(await take(watched)).toEqual(['d.png'])
    expect([await watched.waiting(), watched.missed, notes]).toEqual([[], false, []])
  })

  test('gives each content of a name once: overwritten, replaced, touched, overwritten by the same', async () => {
    await writeFile(at('a.png'), 'one')
    const watched = await open([folder])
    expect(await take(watched)).toEqual(['a.png'])
    await writeFile(at('a.png'), 'two')
    expect(await take(watched)).toEqual(['a.png'])
    await writeFile(at('new.tmp'), 'six')
    await rename(at('new.tmp'), at('a.png'))
    expect(await take(watched)).toEqual(['a.png'])
    await utimes(at('a.png'), new Date(), new Date())
    await comesAlone(watched, 'm1.png')
    await writeFile(at('a.png'), 'six')
    await comesAlone(watched, 'm2.png')
    expect(watched.missed).toBe(false)
  })

  test('with newOnly leaves alone what is there, until it changes', async () => {
    await writeFile(at('a.png'), 'one')
    const watched = await open([folder], { newOnly: true })
    await comesAlone(watched, 'b.png')
    await writeFile(at('a.png'), 'other')
    expect(await take(watched)).toEqual(['a.png'])
  })

  test('one that cannot be read is tried again until it changes or has settled, and comes again when it changes then', async () => {
    const watched = await open([folder])
    await writeFile(at('slow.png'), 'half')
    let tries = 0
    for (let last = false; !last; tries++) {
      expect((await watched.next(9)).map(({ path }) => basename(path))).toEqual(['slow.png'])
      last = watched.failed(at('slow.png'))
    }
    expect(tries).toBeGreaterThan(1)
    await comesAlone(watched, 'm.png')
    await writeFile(at('slow.png'), 'half and the rest')
    expect(await take(watched)).toEqual(['slow.png'])
  })

  test('a change while it is scored makes it come again', async () => {
    await writeFile(at('a.png'), 'one')
    const watched = await open([folder])
    await watched.next(9)
    await writeFile(at('a.png'), 'other')
    expect(await watched.isCurrent(at('a.png'))).toBe(false)
    expect(await take(watched)).toEqual(['a.png'])
  })

  test('a folder that is gone is told, and taken up when it is back', async () => {
    await mkdir(at('line'))
    const watched = await open([at('line')])
    await writeFile(at('line', 'a.png'), 'a')
    expect(await take(watched)).toEqual(['a.png'])
    const next = watched.next(9)
    await rm(at('line'), { recursive: true })
    while (notes.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(notes[0]).toMatch(/line is gone; waiting for it/)
    await mkdir(at('line'))
    await writeFile(at('line', 'a.png'), 'a')
    expect((await next).map(({ path }) => basename(path))).toEqual(['a.png'])
    expect(notes[1]).toMatch(/line is back$/)
    expect(watched.missed).toBe(true)
  })

  test('patterns and single files are watched; what does not exist is refused', async () => {
    await writeFile(at('a.png'), 'a')
    const watched = await open([at('*.jpg'), at('a.png')])
    expect(await take(watched)).toEqual(['a.png'])
    await writeFile(at('b.png'), 'b')
    await writeFile(at('c.jpg'), 'c')
    expect(await take(watched)).toEqual(['c.jpg'])
    await rm(at('a.png'))
    await writeFile(at('a.png'), 'another')
    expect(await take(watched)).toEqual(['a.png'])
    await expect(watchSources([at('absent')])).rejects.toMatchObject({
      where: 'inputs',
      message: expect.stringContaining('absent, got none'),
    })
    await expect(watchSources([at('absent', '*.png')])).rejects.toThrow('got none')
  })

  test('what vanishes or is replaced before it is scored is told, as is what waits at the end', async () => {
    const watched = await open([folder], { isExcluded: async (path) => path.includes('mine') })
    await mkdir(at('mine'))
    await writeFile(at('mine', 'heatmap.png'), 'x')
    await writeFile(at('a.png'), 'a')
    await writeFile(at('b.png'), 'b')
    expect((await watched.waiting()).map((path) => basename(path))).toEqual(['a.png', 'b.png'])
    await rename(at('b.png'), at('c.png')) // no loss: it comes by another name
    await rm(at('a.png'))
    expect((await watched.waiting()).map((path) => basename(path))).toEqual(['c.png'])
    expect(notes).toEqual([expect.stringMatching(/a.png vanished before it was scored/)])
    await copyFile(at('c.png'), at('d.tmp'))
    await rename(at('d.tmp'), at('c.png'))
    await watched.waiting()
    expect(notes[1]).toMatch(/c.png was replaced before it was scored/)
    expect(watched.missed).toBe(true)
    stop.abort()
    expect(await watched.next(9)).toEqual([])
  })
})
