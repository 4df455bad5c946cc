import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { TabError } from '@tab/core'
import { busy } from '../src/http/http-error.ts'
import type { InspectionRequest } from '../src/inspection/inspection-service.ts'
import { readableFolder } from '../src/readable-folder.ts'
import { folderSource } from '../src/sources/folder-source.ts'
import type { Source } from '../src/sources/source.ts'

let folder: string
const closing: Source[] = []
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'tab-camera-'))))
afterEach(async () => {
  await Promise.all(closing.splice(0).map((source) => source.close()))
  await rm(folder, { recursive: true })
})

/** Files appear whole, as those of a camera that renames them do. */
async function take(name: string, text: string): Promise<void> {
  await writeFile(join(folder, '..', `tab-${name}.part`), text)
  await rename(join(folder, '..', `tab-${name}.part`), join(folder, name))
}

/** A source whose images are texts; `answer` may refuse one. */
async function opened(answer: (text: string, times: number) => void, stored: readonly string[] = [], settle = 400) {
  const seen: string[] = []
  const notes: string[] = []
  let stores = 0
  const source = await folderSource(
    { type: 'folder', product: 'metal', path: folder, settle },
    {
      service: {
        async inspect({ image, name, product }: InspectionRequest) {
          const text = Buffer.from(image as Uint8Array).toString()
          answer(text, seen.filter((one) => one.endsWith(` ${text}`)).length)
          seen.push(`${product} ${name} ${text}`)
          return undefined as never
        },
      },
      isStored: async ({ imageName }) => {
        if (stores++ === 0) throw new Error('the database is away')
        return stored.includes(imageName)
      },
      atOnce: 1,
      bytes: 100,
      onNote: (note) => notes.push(note),
    },
  )
  closing.push(source)
  return { source, seen, notes }
}

async function until(isTrue: () => boolean): Promise<void> {
  const end = Date.now() + 20_000
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${isTrue}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('each picture is inspected once: what is there, what comes, and what takes its name', async () => {
  await take('1.png', 'one')
  const { source, seen } = await opened(() => undefined)
  await until(() => seen.length === 1)
  await take('2.png', 'two')
  await until(() => seen.length === 2)
  await take('1.png', 'other')
  await until(() => seen.length === 3)
  await take('3.png', 'three')
  await until(() => seen.length === 4)
  expect(seen).toEqual(['metal 1.png one', 'metal 2.png two', 'metal 1.png other', 'metal 3.png three'])
  expect(source.state()).toMatchObject({ inspected: 4, refused: 0, missed: false, failure: null })
})

test('what was there before is not inspected where the store has its result', async () => {
  await take('1.png', 'one')
  await take('2.png', 'two')
  const { seen } = await opened(() => undefined, ['1.png', '3.png'])
  await until(() => seen.length === 1)
  await take('3.png', 'three') // new, whatever lay there under its name
  await until(() => seen.length === 2)
  expect(seen).toEqual(['metal 2.png two', 'metal 3.png three'])
})

test('a server that is busy, or has no version yet, is asked again; the image is not lost', async () => {
  await take('1.png', 'one')
  let asked = 0
  const { source, seen, notes } = await opened(() => {
    asked += 1
    if (asked === 1) throw busy('all wait')
    if (asked === 2) throw new TabError('NOT_FOUND', { where: 'products', expected: 'a product', actual: 'metal' })
  })
  await until(() => source.state().failure !== null)
  await until(() => seen.length === 1 && source.state().failure === null)
  expect([asked, notes]).toEqual([3, []])
})

test('what cannot be inspected is given up when it no longer changes, and is said', async () => {
  await take('1.png', 'broken')
  await writeFile(join(folder, 'large.png'), 'x'.repeat(101))
  const { source, seen, notes } = await opened((text) => {
    if (text === 'broken') throw new TabError('INVALID_DATA', { where: 'image', message: 'no image' })
  })
  await until(() => source.state().refused === 2)
  expect(notes.join('\n')).toMatch(/1\.png: image: no image; it is not inspected/)
  expect(notes.join('\n')).toMatch(/large\.png: inspect: an image of at most 100 bytes, got 101; it is not inspected/)
  expect(notes.join('\n')).not.toContain(folder)
  await take('2.png', 'whole')
  await until(() => seen.length === 1)
  expect(source.state()).toMatchObject({ inspected: 1, refused: 2, failure: null })
})

test('a folder that is not there is told by its field', async () => {
  await expect(readableFolder('spec.sources.0.path', `${folder}s`)).rejects.toThrow(
    /^spec\.sources\.0\.path: .*camera-.*s/,
  )
})

test('a folder that is gone is a failure until it is back', async () => {
  const { source, notes } = await opened(() => undefined)
  await rename(folder, `${folder}-away`)
  await until(() => source.state().failure !== null)
  expect(source.state()).toMatchObject({ missed: true, failure: expect.stringContaining('gone') })
  await rename(`${folder}-away`, folder)
  await until(() => source.state().failure === null)
  expect(notes).toHaveLength(2)
})
