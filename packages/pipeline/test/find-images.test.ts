import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import sharp from 'sharp'
import { findImages } from '../src/node/predict/find-images.ts'

let folder: string
const at = (...parts: string[]): string => join(folder, ...parts)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-find-'))
  const png = await sharp({ create: { width: 2, height: 2, channels: 3, background: '#ffffff' } })
    .png()
    .toBuffer()
  for (const name of ['line/day1', 'line/heat', 'line/.old', 'phone', 'forbidden/inner'])
    await mkdir(at(name), { recursive: true })
  for (const name of ['line/b.PNG', 'line/a.gif', 'line/c.avif', 'line/frame', 'line/7.0001', 'line/day1/x.tif']) {
    await writeFile(at(name), png)
  }
  for (const name of ['line/heat/.tab-output', 'line/heat/b.png', 'line/.old/b.png', 'line/.hidden.png'])
    await writeFile(at(name), png)
  for (const name of ['line/d.HEIC', 'line/notes.txt', 'phone/1.heic', 'phone/2.heic']) await writeFile(at(name), 'x')
})
afterAll(() => rm(folder, { recursive: true }))

const inside = (paths: readonly string[]): string[] => paths.map((path) => path.slice(folder.length + 1))

describe('findImages', () => {
  test('a folder: what is read, what is left out and why, and outputs', async () => {
    const { files, folders, leftOut, outputs } = await findImages([at('line')])
    expect(inside(files)).toEqual(['line/a.gif', 'line/b.PNG', 'line/c.avif', 'line/day1/x.tif', 'line/frame'])
    expect([inside(folders), inside(outputs)]).toEqual([['line'], ['line/heat']])
    expect(leftOut.map(({ path, reason }) => `${inside([path]).join('')} ${reason}`)).toEqual([
      'line/7.0001 holds a PNG image, but its suffix is a different one',
      'line/d.HEIC is .heic, which is not read; convert it to PNG',
    ])
  })

  test('a pattern takes what is an image by its bytes, and leaves out the same', async () => {
    const { files, leftOut, outputs } = await findImages([at('line/*')])
    expect(inside(files)).toEqual(['line/7.0001', 'line/a.gif', 'line/b.PNG', 'line/c.avif', 'line/frame'])
    expect([inside(leftOut.map(({ path }) => path)), outputs]).toEqual([['line/d.HEIC'], []])
    await expect(findImages([at('line/heat/*.png')])).rejects.toThrow('none but the output of a command')
  })

  test('a file that is named is taken, whatever its name, and once', async () => {
    const named = [at('line/7.0001'), at('line/.hidden.png'), at('line/notes.txt'), at('line', '.', 'frame')]
    expect((await findImages([...named, `${folder}/line/../line/frame`])).files).toEqual(named)
  })

  test.each([
    [['phone'], /images in .*phone, got none that is read: .*1.heic is .heic.* and 1 more/],
    [['line/heat'], /heat is the output of a command/],
    [['line/heat/b.png'], /none but the output of a command/],
    [['b\ufffd.png'], /its name is not UTF-8, and cannot be opened/],
    [['nowhere.png'], /nowhere.png, got none; PNG, JPEG, BMP, TIFF, WebP, GIF and AVIF are read/],
  ])('%j is refused', async (names, message) => {
    const refused = findImages(names.map((name) => at(name)))
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toMatchObject({ where: 'inputs' })
  })

  test.each(['forbidden', 'forbidden/*/*.png', 'forbidden/inner/*.png'])(
    '%s, of which a folder may not be read',
    async (input) => {
      const isRoot = process.getuid?.() === 0
      await chmod(folder, 0o755)
      await chmod(at('forbidden/inner'), 0)
      if (isRoot) process.seteuid?.(65534)
      try {
        await expect(findImages([at(input)])).rejects.toMatchObject({
          where: input === 'forbidden' ? 'listImages' : 'inputs',
          message: expect.stringMatching(/forbidden\/inner.* cannot be read: permission denied/),
        })
      } finally {
        if (isRoot) process.seteuid?.(0)
        await chmod(at('forbidden/inner'), 0o755)
      }
    },
  )
})
