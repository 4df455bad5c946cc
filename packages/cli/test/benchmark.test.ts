import { appendFile, cp, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tensorOf } from '@tab/core'
import { writeMask } from '@tab/data/node'
import type { CellResult, Comparison } from '@tab/pipeline/results'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { runTab } from './run-tab.ts'

let mini: Miniature
beforeAll(async () => {
  mini = await miniature()
  await cp(mini.data, join(mini.folder, 'copy/washers'), { recursive: true })
})
afterAll(() => rm(mini.folder, { recursive: true }))

/** A config in the folder of the miniature, with paths relative to it. */
async function configFile(changes: object = {}): Promise<string> {
  const path = join(mini.folder, `${Math.abs(JSON.stringify(changes).length)}.yaml`)
  const config = {
    datasets: [{ path: 'washers' }],
    backbones: [
      { name: 'saved', weights: 'resnet18.safetensors' },
      { name: 'random', random: 'resnet18' },
    ],
    detectors: [
      { name: 'PatchCore', method: 'patchcore', coresetRatio: 0.5, shots: [1] },
      { name: 'PatchCore', method: 'patchcore', coresetRatio: 0.1, shots: ['full'] },
      { name: 'PaDiM', method: 'padim', dimensions: 8, shots: ['full'] },
    ],
    shots: [1, 'full'],
    seeds: [0],
    imageSize: 64,
    ...changes,
  }
  await writeFile(path, JSON.stringify(config))
  return path
}

const linesOf = async (folder: string): Promise<string[]> =>
  (await readFile(join(folder, 'results.jsonl'), 'utf8')).trimEnd().split('\n')

describe('tab benchmark', () => {
  test('stopped in the middle, torn and resumed, it ends with the tables of an uninterrupted run', async () => {
    const config = await configFile()
    const whole = join(mini.folder, 'whole')
    const first = await runTab(['benchmark', '--config', config, '--output', whole])
    expect([first.status, first.stderr]).toEqual([0, expect.stringContaining('benchmark 6/6')])
    expect(first.stdout).toBe(await readFile(join(whole, 'table.md'), 'utf8'))

    const parts = join(mini.folder, 'parts')
    const controller = new AbortController()
    const stopped = runTab(['benchmark', '--config', config, '--output', parts], controller.signal)
    const watch = setInterval(() => {
      void linesOf(parts)
        .then((lines) => lines.length >= 2 && controller.abort())
        .catch(() => undefined)
    }, 5)
    expect((await stopped).status).toBe(130)
    clearInterval(watch)
    const kept = await linesOf(parts)
    expect(kept.length).toBeLessThan(6)
    await appendFile(join(parts, 'results.jsonl'), '{"schema":"tab.benchmark-cell/2","key":"cut o')

    const resumed = await runTab(['benchmark', '--config', config, '--output', parts])
    expect(resumed.status).toBe(0)
    expect((await linesOf(parts)).slice(0, kept.length)).toEqual(kept)
    for (const file of ['table.md', 'table.tex']) {
      expect(await readFile(join(parts, file), 'utf8')).toBe(await readFile(join(whole, file), 'utf8'))
    }

    const again = await runTab(['benchmark', '--config', config, '--output', parts, '--json'])
    expect([again.status, (await linesOf(parts)).length]).toEqual([0, 6])
    const { rows: summary, comparisons, report } = JSON.parse(again.stdout)
    expect(summary).toHaveLength(6)
    expect(summary[0]).toMatchObject({ dataset: 'washers', backbone: 'saved', detector: 'PatchCore', shots: 1 })
    expect(comparisons.map(({ backbone, reference }: Comparison) => [backbone, reference])).toEqual([
      ['random', 'saved'],
      ['random', 'saved'],
      ['random', 'saved'],
    ])
    const page = await readFile(report, 'utf8')
    expect(page.match(/<figure class="chart"/g)).toHaveLength(3)
    for (const text of ['PatchCore, saved', 'washers: AUPRO 0.3', '95 % interval', 'ms per image', '>all<']) {
      expect(page).toContain(text)
    }
    expect(page).not.toMatch(/(src|href)="|NaN|undefined/)
    const [head, ...rows] = (await readFile(join(parts, 'cells.csv'), 'utf8')).trimEnd().split('\n')
    expect(head).toMatch(/^dataset,category,backbone,detector,shots,seed,imageAuroc/)
    expect(rows).toHaveLength(6)
  })

  test('flags go before the config, and features need not be kept', async () => {
    const output = join(mini.folder, 'flags')
    const flags = ['--seeds', '3', '--shots', '1', '--no-cache', '--output', output]
    const { status, stdout } = await runTab(['benchmark', '--config', await configFile(), ...flags])
    expect(status).toBe(0)
    expect(stdout).toMatch(/washers: image AUROC\*\*/)
    const results = (await linesOf(output)).map((line) => JSON.parse(line) as CellResult)
    expect(results.map(({ name }) => [name.backbone, name.detector, name.shots, name.seed])).toEqual([
      ['saved', 'PatchCore', 1, 3],
      ['random', 'PatchCore', 1, 3],
    ])
    for (const { cost } of results) expect(cost.bankSize).toBe(32) // half of the 8 x 8 patches of one image
  })

  test.each([
    [{ shots: [9] }, 'at least one cell'],
    [{ datasets: [{ path: 'nowhere' }] }, 'nowhere'],
    [{ backbones: [{ name: 'x', weights: 'no.safetensors' }] }, 'no.safetensors'],
    [{ detectors: [{ method: 'padim' }, { method: 'padim' }] }, 'padim, 1 normals, seed 0 twice'],
    [{ seeds: [4, 4] }, 'seed 4 is listed twice'],
    [{ datasets: [{ path: 'washers' }, { path: 'copy/washers' }] }, 'two data sets have this name, '],
    [
      {
        backbones: [
          { name: 'x', random: 'resnet18' },
          { name: 'x', random: 'resnet34' },
        ],
      },
      'give each backbone a name',
    ],
    [{ sede: [1] }, 'Unrecognized key: "sede"'],
    [{ detectors: [{ method: 'patchcore', coresetRatio: 2 }] }, 'detectors.0.coresetRatio'],
    [
      { detectors: [{ method: 'patchcore', coresetRatio: 1, coresetSize: 9 }] },
      'coresetRatio or coresetSize, not both',
    ],
    [{ backbones: [{ name: 'x', weights: '${TAB_NOT_SET}/x' }] }, 'TAB_NOT_SET'],
  ])('refuses %j', async (changes, message) => {
    const config = await configFile({ detectors: [{ method: 'patchcore' }], ...changes })
    const { status, stderr } = await runTab(['benchmark', '--config', config, '--output', join(mini.folder, 'bad')])
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)])
  })

  /** One backbone, and PaDiM, which cannot be fitted on one image, beside PatchCore, which can. */
  const withImpossible = {
    backbones: [{ name: 'A|B', weights: 'resnet18.safetensors' }],
    detectors: [
      { method: 'padim', dimensions: 8 },
      { method: 'patchcore', coresetRatio: 0.1 },
    ],
  }

  test('a cell that cannot be computed is a row with its reason, and the others go on', async () => {
    const config = await configFile(withImpossible)
    const output = join(mini.folder, 'impossible')
    const reason = 'padim.fit: at least two good images for a covariance, got 1'
    const first = await runTab(['benchmark', '--config', config, '--output', output])
    expect([first.status, first.stderr]).toEqual([
      3,
      expect.stringContaining(`1 of 4 cells could not be computed: ${reason}`),
    ])
    const rows = (await linesOf(output)).map((line) => JSON.parse(line))
    expect(rows.map(({ name, error }) => [name.detector, name.shots, error?.message])).toEqual([
      ['padim', 1, reason],
      ['padim', 'full', undefined],
      ['patchcore', 1, undefined],
      ['patchcore', 'full', undefined],
    ])
    expect(first.stdout).toMatch(/\| padim +\| A\\\|B +\| +– \\\[1\\\] \| +\d\.\d{4} \|/)
    expect(first.stdout).toContain(`\n\\[1\\] ${reason}\n`)
    const file = (name: string) => readFile(join(output, name), 'utf8')
    for (const name of ['table.tex', 'report.html', 'cells.csv']) expect(await file(name)).toContain(reason)
    expect(await file('report.html')).not.toContain('NaN')

    const again = await runTab(['benchmark', '--config', config, '--output', output, '--json'])
    expect([again.status, again.stderr]).toEqual([
      3,
      expect.stringContaining('1 cells failed before and are not tried again'),
    ])
    expect(JSON.parse(again.stdout).failed).toEqual([
      { name: expect.objectContaining({ detector: 'padim', shots: 1 }), code: 'INVALID_ARGUMENT', message: reason },
    ])
    expect(await linesOf(output)).toHaveLength(4)
    const retried = await runTab(['benchmark', '--config', config, '--output', output, '--retry-failed'])
    expect([retried.status, (await linesOf(output)).length]).toEqual([3, 5])
    expect(await file('table.md')).toBe(first.stdout)
  })

  test('images replaced by others of the same size and time are computed again', async () => {
    const data = join(mini.folder, 'replaced')
    await cp(mini.data, data, { recursive: true })
    const good = await readFile(join(data, 'test/good/000.png'))
    const old = new Date('2020-01-01')
    const defective = (await readdir(join(data, 'test'))).filter((type) => type !== 'good')
    const pad = async (path: string, bytes: Buffer, size: number): Promise<void> => {
      await writeFile(path, Buffer.concat([bytes, Buffer.alloc(size - bytes.length)])) // a reader stops at the end of the image
      await utimes(path, old, old)
    }
    const paths = defective.map((type) => join(data, 'test', type, '000.png'))
    const size = 50_000
    for (const path of paths) await pad(path, await readFile(path), size)
    const config = await configFile({
      ...withImpossible,
      datasets: [{ path: 'replaced' }],
      detectors: [{ method: 'patchcore', coresetRatio: 0.1 }],
      shots: ['full'],
    })
    const output = join(mini.folder, 'replaced-out')
    const aurocOf = async (): Promise<number> => {
      const { status, stdout } = await runTab(['benchmark', '--config', config, '--output', output, '--json'])
      expect(status).toBe(0)
      return JSON.parse(stdout).rows[0].metrics.imageAuroc.mean
    }
    const before = await aurocOf()
    for (const path of paths) await pad(path, good, size)
    const after = await aurocOf()
    expect(after).not.toBe(before)
    expect(await linesOf(output)).toHaveLength(2)
    const [type] = defective as [string]
    const mask = join(data, 'ground_truth', type, '000_mask.png')
    const marked = new Uint8Array(64 * 64).fill(1, 0, 640)
    await writeMask(mask, tensorOf('uint8', [64, 64], marked))
    await aurocOf()
    expect(await linesOf(output)).toHaveLength(3)
    await aurocOf()
    expect(await linesOf(output)).toHaveLength(3)
  })

  test('results of an earlier version are left alone, and said to be', async () => {
    const output = join(mini.folder, 'outdated')
    await mkdir(output)
    const old = `${JSON.stringify({ schema: 'tab.benchmark-cell/1', key: 'x', name: {}, metrics: {} })}\n`
    await writeFile(join(output, 'results.jsonl'), old)
    const flags = ['--shots', '1', '--output', output]
    const config = await configFile({ detectors: [{ method: 'patchcore', coresetRatio: 0.1 }] })
    const { status, stderr } = await runTab(['benchmark', '--config', config, ...flags])
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining('1 results of an earlier version of tab are not used'),
    ])
    expect((await readFile(join(output, 'results.jsonl'), 'utf8')).startsWith(old)).toBe(true)
  })

  test("a folder with somebody else's report is refused before the work", async () => {
    const output = join(mini.folder, 'foreign')
    await mkdir(output)
    await writeFile(join(output, 'report.html'), 'mine')
    const { status, stderr } = await runTab(['benchmark', '--config', await configFile(), '--output', output])
    expect([status, stderr]).toEqual([1, expect.stringContaining('report.html exists')])
    expect(await readFile(join(output, 'report.html'), 'utf8')).toBe('mine')
  })

  test('a line of results that is no result is named', async () => {
    const output = join(mini.folder, 'broken')
    await mkdir(output)
    await writeFile(join(output, 'results.jsonl'), 'hello\n{}\n')
    const { status, stderr } = await runTab(['benchmark', '--config', await configFile(), '--output', output])
    expect([status, stderr]).toEqual([1, expect.stringContaining('results.jsonl, line 1')])
  })
})
