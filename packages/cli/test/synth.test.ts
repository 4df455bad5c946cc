import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tensor } from '@tab/core'
import { readImage, readMask, writeImage } from '@tab/data/node'
import { pairsOfFiles } from '../../pipeline/src/node/synthesize/pairs-of-files.ts'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { runTab } from './run-tab.ts'

// Built packages bring their thread along; the sources need one that reads TypeScript.
const thread =
  process.env['TAB_DIST'] === '1'
    ? {}
    : {
        workerFile: new URL('../../synth/test/worker-source.mjs', import.meta.url),
        workerOptions: { execArgv: ['--conditions=@tab/source'] },
      }

describe('tab synth', () => {
  let mini: Miniature
  let folder: string
  beforeAll(async () => {
    mini = await miniature()
    folder = await mkdtemp(join(tmpdir(), 'tab-synth-'))
  })
  afterAll(async () => {
    await rm(mini.folder, { recursive: true })
    await rm(folder, { recursive: true })
  })
  const synth = (output: string, ...more: string[]) =>
    runTab(['synth', '--input', mini.data, '--output', join(folder, output), '--count', '7', ...more])
  const digests = async (output: string): Promise<string[]> => {
    const names = (await readdir(join(folder, output), { recursive: true })).filter((name) => name.includes('.')).sort()
    return Promise.all(
      names.map(async (name) => {
        const bytes = await readFile(join(folder, output, name))
        return `${name} ${createHash('sha256').update(bytes).digest('hex')}`
      }),
    )
  }

  test('writes pairs that differ only under the mask, reports and a contact sheet', async () => {
    const { status, stdout } = await synth('poisson', '--kind', 'poisson', '--seed', '3')
    expect(status).toBe(0)
    expect(stdout).toContain('7 pairs: ')
    expect((await readdir(join(folder, 'poisson'))).sort()).toEqual([
      'contact-sheet.png',
      'images',
      'masks',
      'reports.jsonl',
    ])
    const lines = (await readFile(join(folder, 'poisson/reports.jsonl'), 'utf8')).trim().split('\n')
    const reports = lines.map((line) => JSON.parse(line))
    expect(reports.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(reports[5].source).toBe(reports[0].source) // five images, seven pairs
    const [image, mask, normal] = await Promise.all([
      readImage(join(folder, 'poisson/images/000002.png')),
      readMask(join(folder, 'poisson/masks/000002.png')),
      readImage(reports[2].source),
    ])
    let [outside, inside] = [0, 0]
    image.data.forEach((value, at) => {
      if (Math.abs(value - (normal.data[at] as number)) < 0.5 / 255) return
      if (mask.data[Math.floor(at / 3)] === 1) inside++
      else outside++
    })
    expect(outside).toBe(0)
    expect(inside).toBeGreaterThan(20)
  })

  test('the same seed writes the same bytes, another seed others', async () => {
    await synth('one', '--seed', '1')
    await synth('again', '--seed', '1')
    await synth('other', '--seed', '2')
    expect(await digests('again')).toEqual(await digests('one'))
    expect((await digests('other'))[1]).not.toBe((await digests('one'))[1])
  })

  test('an earlier result is kept unless --overwrite is given', async () => {
    await synth('kept', '--seed', '1')
    const before = await digests('kept')
    const refused = await synth('kept', '--seed', '2')
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain('use --overwrite or another folder')
    expect(await digests('kept')).toEqual(before)
    const replaced = await synth('kept', '--seed', '2', '--overwrite', '--count', '3', '--json')
    const told = JSON.parse(replaced.stdout)
    expect([replaced.status, told.pairs, told.contactSheet]).toEqual([0, 3, join(folder, 'kept/contact-sheet.png')])
    expect(await readdir(join(folder, 'kept/images'))).toHaveLength(3)
  })

  describe('one image that does not suit among others', () => {
    const mixed = async (name: string, odd: (path: string) => Promise<unknown>, file: string): Promise<string> => {
      const input = join(folder, name)
      await mkdir(input)
      for (const index of [0, 1, 2, 3]) {
        await copyFile(join(mini.data, `train/good/00${index}.png`), join(input, `part-${index}.png`))
      }
      await odd(join(input, file))
      return input
    }
    const plain = (height: number, width: number, level: number) => (path: string) =>
      writeImage(path, tensor([height, width, 3], new Float32Array(height * width * 3).fill(level)))

    test.each<[string, string, (path: string) => Promise<unknown>, string, string]>([
      [
        'too small',
        'scratch',
        plain(16, 16, 0.5),
        'part-1a.png',
        'scratch.synthesize: image height must be a whole number >= 32',
      ],
      [
        'a line',
        'scratch',
        plain(1, 900, 0.5),
        'part-1a.png',
        'scratch.synthesize: image height must be a whole number >= 32',
      ],
      ['constant', 'cut-paste', plain(64, 64, 0), 'part-1a.png', 'cutPaste.synthesize: no visible defect in 10 tries'],
      [
        'too small, among the sources of patches',
        'poisson',
        plain(1, 2, 1),
        'part-0.a.png',
        'poissonPatch.synthesize: image height',
      ],
      ['not an image', 'stain', (path) => writeFile(path, 'hello'), 'part-1a.png', 'is not a readable image'],
      [
        'not an image, among the sources of patches',
        'poisson',
        (path) => writeFile(path, 'hello'),
        'part-1a.png',
        'is not a readable image',
      ],
    ])(
      '%s: the error names it, and --skip-unsuitable names, counts and leaves it out',
      async (name, kind, odd, file, reason) => {
        const input = await mixed(name, odd, file)
        const args = [
          'synth',
          '--input',
          input,
          '--kind',
          kind,
          '--count',
          '9',
          '--output',
          join(folder, `${name} out`),
        ]
        const refused = await runTab(args)
        expect(refused.status).toBe(1)
        expect(refused.stderr).toContain(reason)
        expect(refused.stderr.split(join(input, file))).toHaveLength(2) // named once
        expect(refused.stderr).toMatch(/^tab: [^\n]*\n$/m)
        expect(await readdir(folder)).not.toContain(`${name} out`)

        const skipped = await runTab([...args, '--skip-unsuitable'])
        expect(skipped).toMatchObject({ status: 0, stdout: expect.stringMatching(/^9 pairs: .*\nleft out: 1 image\n/) })
        expect(skipped.stderr).toMatch(/; left out\n/)
        expect(skipped.stderr).toContain(join(input, file))
        const lines = (await readFile(join(folder, `${name} out`, 'reports.jsonl'), 'utf8')).trim().split('\n')
        const sources = lines.map((line) => basename(JSON.parse(line).source))
        const turn = ['part-0.png', 'part-1.png', 'part-2.png', 'part-3.png']
        expect(sources).toEqual([...turn, ...turn, 'part-0.png'])

        const told = JSON.parse((await runTab([...args, '--skip-unsuitable', '--overwrite', '--json'])).stdout)
        expect(told).toMatchObject({
          pairs: 9,
          leftOut: [{ file: join(input, file), reason: expect.stringContaining(reason) }],
        })
      },
    )

    test('where none suits, it fails', async () => {
      const input = join(folder, 'all dark')
      await mkdir(input)
      await plain(64, 64, 0)(join(input, 'dark.png'))
      await plain(16, 64, 0)(join(input, 'thumb.png'))
      const output = join(folder, 'all dark out')
      const args = ['synth', '--input', input, '--kind', 'cut-paste', '--output', output, '--skip-unsuitable']
      const { status, stderr } = await runTab(args)
      expect([status, stderr]).toEqual([
        1,
        expect.stringContaining('--input: an image that can be read and takes a defect, got none among 2'),
      ])
      expect(stderr).toContain('dark.png')
      expect(stderr).toContain('thumb.png')
      expect(await readdir(folder)).not.toContain('all dark out')
    })

    test('the pairs and what is left out are the same for any number of workers', async () => {
      const input = await mixed('for workers', plain(40, 40, 0), 'part-1a.png')
      await plain(16, 16, 0.5)(join(input, 'part-0.a.png'))
      await writeFile(join(input, 'part-3a.png'), 'hello')
      const files = (await readdir(input)).sort().map((name) => join(input, name))
      // Only where one of the kinds that need structure is drawn does the dark image fail.
      const plan = { kind: 'all', count: 30, seed: 2, size: undefined }
      const made = async (workers: number) => {
        const leftOut: string[] = []
        const pairs: string[] = []
        const onUnsuitable = (file: string, { message }: Error) => void leftOut.push(`${basename(file)}: ${message}`)
        for await (const { index, file, anomaly } of pairsOfFiles(
          files,
          { ...plan, workers },
          { onUnsuitable, thread },
        )) {
          const bytes = createHash('sha256').update(anomaly.image.data).update(anomaly.mask.data).digest('hex')
          pairs.push(`${index} ${basename(file)} ${bytes}`)
        }
        return { pairs, leftOut: leftOut.sort() }
      }
      const alone = await made(1)
      expect(alone.pairs).toHaveLength(30)
      expect(alone.leftOut.map((line) => line.split(':')[0])).toEqual(['part-0.a.png', 'part-1a.png', 'part-3a.png'])
      expect(await made(3)).toEqual(alone)
      const named = pairsOfFiles(files.slice(1), { ...plan, workers: 2 }, { thread })
      await expect(named.next()).rejects.toThrow(join(input, 'part-3a.png'))
    })
  })

  test('a folder without images, an unknown kind, and an interrupt', async () => {
    const none = join(folder, 'none')
    await mkdir(none)
    const empty = await runTab(['synth', '--input', none, '--output', join(folder, 'x')])
    expect(empty).toMatchObject({ status: 1, stderr: expect.stringContaining('which is not a known layout') })
    const kind = await synth('y', '--kind', 'dent')
    expect(kind.stderr).toContain('Allowed choices are cut-paste')
    const controller = new AbortController()
    controller.abort()
    const args = ['synth', '--input', mini.data, '--output', join(folder, 'z')]
    const stopped = await runTab(args, controller.signal)
    expect(stopped.status).not.toBe(0)
    expect(await readdir(folder)).not.toContain('z')
  })
})
