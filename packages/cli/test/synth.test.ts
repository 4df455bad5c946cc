import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readImage, readMask } from '@tab/data/node'
import { miniature, type Miniature } from './miniature.ts'
import { runTab } from './run-tab.ts'

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

  test('a folder without images, an unknown kind, and an interrupt', async () => {
    const none = join(folder, 'none')
    await mkdir(none)
    const empty = await runTab(['synth', '--input', none, '--output', join(folder, 'x')])
    expect(empty).toMatchObject({ status: 1, stderr: expect.stringContaining('must hold images, got none') })
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
