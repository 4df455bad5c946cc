import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { exportOnnx, loadBackbone } from '@tab/model'
import sharp from 'sharp'
import { run } from '../src/run.ts'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { runTab, type Outcome } from './run-tab.ts'

let mini: Miniature
beforeAll(async () => {
  mini = await miniature()
})
afterAll(() => rm(mini.folder, { recursive: true }))

const evaluate = (data: string, ...flags: string[]): Promise<Outcome> =>
  runTab([
    'evaluate',
    '--data',
    data,
    '--backbone',
    mini.backbone,
    '--image-size',
    '64',
    ...(flags.includes('padim') ? [] : ['--coreset-ratio', '0.05']),
    ...flags,
  ])

/** A copy of the data set that a test may spoil. */
async function copy(name: string): Promise<string> {
  const data = join(mini.folder, name)
  await cp(mini.data, data, { recursive: true })
  return data
}

describe('tab evaluate', () => {
  test('--shots fits on some of the good images, others for another seed, and asks for no more than there are', async () => {
    const scores = async (...flags: string[]): Promise<number> => {
      const { status, stdout } = await evaluate(
        mini.data,
        '--output',
        join(mini.folder, `shots${flags.join('')}`),
        '--json',
        ...['--coreset-ratio', '1'], // so that the seed decides nothing else
        ...flags,
      )
      const { run, overall } = JSON.parse(stdout)
      expect([status, run.normals, overall.images > 3]).toEqual([0, 1, true])
      return overall.pixelAuroc
    }
    const first = await scores('--shots', '1')
    expect(await scores('--shots', '1', '--seed', '1')).not.toBe(first)
    const { status, stderr } = await evaluate(mini.data, '--output', join(mini.folder, 'many'), '--shots', '6')
    expect([status, stderr]).toEqual([1, expect.stringMatching(/--shots: at most 5, .* good training images, got 6/)])
  })

  test('prints the table and writes results.json and a report that needs nothing else', async () => {
    const output = join(mini.folder, 'out')
    const { status, stdout, stderr } = await evaluate(mini.data, '--output', output)
    expect([status, stderr]).toEqual([0, expect.stringContaining('report.html')])
    expect((await readdir(output)).sort()).toEqual(['report.html', 'results.json'])

    const results = JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))
    const defects = (await readdir(join(mini.data, 'test'))).filter((name) => name !== 'good').sort()
    expect(Object.keys(results.byDefect)).toEqual(defects)
    expect(results.overall.images).toBe(3 + defects.length)
    for (const row of [results.overall, ...Object.values<Record<string, number>>(results.byDefect)]) {
      for (const metric of ['imageAuroc', 'pixelAuroc', 'aupro']) {
        expect(row[metric]).toBeGreaterThanOrEqual(0)
        expect(row[metric]).toBeLessThanOrEqual(1)
      }
    }
    expect(results.run).toMatchObject({ normals: 5, skipped: [], resolution: [64, 64], detector: 'patchcore' })
    for (const name of [...defects, 'all', 'image AUROC', 'pixel AUROC', 'AUPRO']) expect(stdout).toContain(name)

    const report = await readFile(join(output, 'report.html'), 'utf8')
    for (const [, target] of report.matchAll(/(?:src|href)="([^"]*)"/g)) expect(target).toMatch(/^(data:image|#)/)
    expect(report).toContain(results.overall.imageAuroc.toFixed(4))
  })

  test('compares several backbones side by side, each under a name', async () => {
    const output = join(mini.folder, 'compared')
    const small = ['--image-size', '64', '--coreset-ratio', '0.05', '--output', output]
    const compare = (...backbones: string[]) =>
      runTab(['evaluate', '--data', mini.data, '--backbone', ...backbones, ...small])
    const { status, stdout } = await compare(mini.backbone, `again=${mini.backbone}`)
    expect([status, stdout.match(/^washers, patchcore, .*$/gm)]).toEqual([
      0,
      ['washers, patchcore, resnet18', 'washers, patchcore, again'],
    ])
    const { resnet18, again, ...others } = JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))
    expect([others, again.overall.imageAuroc, again.run.backbone]).toEqual([{}, resnet18.overall.imageAuroc, 'again'])
    const report = await readFile(join(output, 'report.html'), 'utf8')
    expect(report.match(/<th scope="row"[^>]*>all<\/th>/g)?.length).toBeGreaterThanOrEqual(2)

    const twice = await compare(mini.backbone, mini.backbone, '--overwrite')
    expect([twice.status, twice.stderr]).toEqual([
      1,
      expect.stringContaining('--backbone: a name for each, as NAME=PATH, got resnet18 twice'),
    ])
  })

  test('draws the threshold from good images held out of the fit', async () => {
    const output = join(mini.folder, 'calibrated')
    const { status, stderr } = await evaluate(
      mini.data,
      '--output',
      output,
      '--calibrate',
      '0.4',
      '--layout',
      'mvtec-ad',
    )
    expect({ status, stderr }).toMatchObject({ status: 0 })
    const { run } = JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))
    expect(run).toMatchObject({ normals: 3, threshold: { falsePositiveRate: 1 / 3, sampleSize: 2 } })
    expect(run.threshold.value).toBeGreaterThan(0)
    expect(await readFile(join(output, 'report.html'), 'utf8')).toContain('chosen on 2 good images')
    const few = await evaluate(mini.data, '--output', join(mini.folder, 'too-few'), '--calibrate', '0.01')
    expect(few).toMatchObject({ status: 1, stderr: expect.stringMatching(/^tab: --calibrate: (?!holdOut).*$/m) })
  })

  test('runs PaDiM on its own layers', async () => {
    const output = join(mini.folder, 'padim-out')
    const { status } = await evaluate(mini.data, '--output', output, '--detector', 'padim', '--dimensions', '10')
    expect(status).toBe(0)
    const { run, overall } = JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))
    expect(run).toMatchObject({
      detector: 'padim',
      options: { layers: ['layer1', 'layer2', 'layer3'], dimensions: 10, seed: 0 },
    })
    expect(overall.imageAuroc).toBeGreaterThanOrEqual(0)
  })

  test("PatchCore's settings come from flags and are recorded", async () => {
    const output = join(mini.folder, 'reference-out')
    const settings = ['--neighbors', '3', '--reweighting', '4', '--features', 'reference', '--memory-limit', '64']
    const { status } = await evaluate(mini.data, '--output', output, '--sigma', '2', ...settings)
    expect(status).toBe(0)
    const { run } = JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))
    const recorded = { neighbors: 3, reweighting: 4, features: 'reference', memoryLimit: 64 * 2 ** 20, sigma: 2 }
    expect(run.options).toMatchObject(recorded)
  })

  test('the same seed gives the same numbers, and --json prints them', async () => {
    const [first, second] = await Promise.all(
      ['a', 'b'].map(async (name) =>
        JSON.parse((await evaluate(mini.data, '--json', '--output', join(mini.folder, name))).stdout),
      ),
    )
    const metrics = ({ imageAuroc, pixelAuroc, aupro }: Record<string, number>) => ({ imageAuroc, pixelAuroc, aupro })
    expect(metrics(second.overall)).toEqual(metrics(first.overall))
  })

  test('an exported ONNX file gives the numbers of the weights it was made from', async () => {
    const { backbone } = loadBackbone(await readFile(mini.backbone))
    const onnx = join(mini.folder, 'resnet18.onnx')
    await writeFile(onnx, exportOnnx(backbone, { layers: ['layer1', 'layer2', 'layer3'] }))
    const run = async (file: string) => {
      const flags = ['--image-size', '64', '--coreset-ratio', '0.05', '--json', '--output', `${file}-out`]
      const { stdout } = await runTab(['evaluate', '--data', mini.data, '--backbone', file, ...flags])
      return (JSON.parse(stdout) as { overall: Record<string, number> }).overall
    }
    const [fromWeights, fromOnnx] = [await run(mini.backbone), await run(onnx)]
    expect(fromOnnx['imageAuroc']).toBe(fromWeights['imageAuroc'])
    expect(fromOnnx['pixelAuroc']).toBeCloseTo(fromWeights['pixelAuroc'] as number, 6)
  })

  test('an unreadable image in the middle is named, or skipped and counted', async () => {
    const data = await copy('unreadable')
    await writeFile(join(data, 'train/good/002.png'), 'not an image')
    const refused = await evaluate(data, '--output', join(mini.folder, 'unreadable-1'))
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain('train/good/002.png')
    const output = join(mini.folder, 'unreadable-2')
    const skipped = await evaluate(data, '--skip-unreadable', '--output', output)
    expect(skipped.status).toBe(3)
    expect(skipped.stdout).toContain('1 unreadable image skipped: train/good/002.png')
    const { run } = JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))
    expect(run).toMatchObject({ normals: 4, skipped: ['train/good/002.png'] })
  })

  test.each([
    ['test', 'no test image could be read, all 8 are left out; the first: '],
    ['train', 'no good training image could be read, all 5 are left out; the first: '],
  ])('with no readable image in %s nothing was judged: that is a failure', async (split, message) => {
    const data = await copy(`all-unreadable-${split}`)
    for (const kind of await readdir(join(data, split))) {
      for (const file of await readdir(join(data, split, kind))) await writeFile(join(data, split, kind, file), '')
    }
    const output = join(mini.folder, `all-unreadable-${split}-out`)
    const { status, stdout, stderr } = await evaluate(data, '--skip-unreadable', '--output', output)
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining(`tab: evaluate: ${message}`)])
    expect(stderr).toContain('.png')
    await expect(readdir(output)).rejects.toThrow('ENOENT')
  })

  test('results are saved before they are printed: a standard output that fails loses nothing', async () => {
    const output = join(mini.folder, 'unprinted')
    const args = ['--data', mini.data, '--backbone', mini.backbone, '--image-size', '64', '--coreset-ratio', '0.05']
    const status = await run(['evaluate', ...args, '--output', output], {
      stdout: {
        write() {
          throw Object.assign(new Error('ENOSPC: no space left on device, write'), { syscall: 'write' })
        },
      },
      stderr: { write: () => undefined },
      signal: new AbortController().signal,
    })
    expect(status).toBe(1)
    expect((await readdir(output)).sort()).toEqual(['report.html', 'results.json'])
    expect(JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))).toHaveProperty('overall.imageAuroc')
  })

  test('bounded pixel metrics say so, and the gallery has its maps all the same', async () => {
    const [exact, bounded] = [join(mini.folder, 'exact-pixels'), join(mini.folder, 'bounded-pixels')]
    expect((await evaluate(mini.data, '--output', exact)).status).toBe(0)
    const { status, stdout } = await evaluate(mini.data, '--pixel-metrics', 'bounded', '--output', bounded)
    expect([status, stdout]).toEqual([0, expect.stringMatching(/pixel metrics are bounded: scores in 16777216 bins/)])
    const [left, right] = await Promise.all(
      [exact, bounded].map(async (folder) => ({
        results: JSON.parse(await readFile(join(folder, 'results.json'), 'utf8')),
        heatmaps: (await readFile(join(folder, 'report.html'), 'utf8')).match(/class="heat" href="[^"]+"/g) ?? [],
      })),
    )
    expect(right?.results.overall.imageAuroc).toBe(left?.results.overall.imageAuroc)
    expect(right?.results.overall.pixelAuroc).toBeCloseTo(left?.results.overall.pixelAuroc, 3)
    expect(right?.results.metrics.binned.errorBounds.length).toBeGreaterThan(5)
    expect(right?.heatmaps).toHaveLength(8)
  })

  test('a mask of another size than its image names both', async () => {
    const data = await copy('mask-size')
    const [defect] = (await readdir(join(data, 'ground_truth'))).sort()
    const [mask] = await readdir(join(data, 'ground_truth', defect as string))
    await sharp({ create: { width: 9, height: 9, channels: 3, background: 'white' } })
      .png()
      .toFile(join(data, 'ground_truth', defect as string, mask as string))
    const { status, stderr } = await evaluate(data, '--output', join(mini.folder, 'mask-size-out'))
    expect(status).toBe(1)
    expect(stderr).toContain(mask)
    expect(stderr).toMatch(/9.*64|64.*9/s)
  })

  test('a defect type without masks has no pixel metrics, and is left out of those of all images, and counted', async () => {
    const data = await copy('part-masks')
    await rm(join(data, 'ground_truth/stain'), { recursive: true })
    const { status, stdout } = await evaluate(data, '--json', '--output', join(mini.folder, 'part-masks-out'))
    expect(status).toBe(0)
    const { overall, byDefect, metrics } = JSON.parse(stdout)
    expect(byDefect.stain).toMatchObject({ imageAuroc: expect.any(Number), pixelAuroc: null, aupro: null })
    expect(overall.pixelAuroc).toEqual(expect.any(Number))
    expect(metrics.overall.imagesWithoutMask).toBe(byDefect.stain.images)
    const printed = await evaluate(data, '--output', join(mini.folder, 'part-masks-printed'))
    expect(printed.stdout).toContain('– pixel AUROC, AUPRO 0.3 of stain: undefined without masks of the defects')
    expect(printed.stdout).toContain('pixel metrics leave out 1 defective image without a mask: stain (1 of 1)')
  })

  test('no normal images, and a folder that does not exist, are refused before any work', async () => {
    const data = await copy('no-normals')
    await rm(join(data, 'train/good'), { recursive: true })
    await mkdir(join(data, 'train/good'))
    const refused = await evaluate(data)
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('good')])
    const missing = await evaluate(join(mini.folder, 'nowhere'))
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('nowhere')])
  })

  test('a single test image leaves the image AUROC undefined, not invented', async () => {
    const data = await copy('single')
    for (const kind of await readdir(join(data, 'test'))) {
      if (kind !== 'scratch') await rm(join(data, 'test', kind), { recursive: true })
    }
    const output = join(mini.folder, 'single-out')
    const { status, stdout } = await evaluate(data, '--output', output)
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('– image AUROC of scratch, all: undefined without normal samples'),
    ])
    const { overall } = JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))
    expect(overall).toMatchObject({ imageAuroc: null, images: 1, pixelAuroc: expect.any(Number) })
  })

  test('an earlier result is kept unless --overwrite is given', async () => {
    const output = join(mini.folder, 'kept')
    await mkdir(output)
    await writeFile(join(output, 'results.json'), 'mine')
    const refused = await evaluate(mini.data, '--output', output)
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('--overwrite')])
    expect(await readFile(join(output, 'results.json'), 'utf8')).toBe('mine')
    expect((await evaluate(mini.data, '--output', output, '--overwrite')).status).toBe(0)
    expect(JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))).toHaveProperty('overall')
  })

  test('a backbone that is no weight file is refused with its reason', async () => {
    const junk = join(mini.folder, 'junk.safetensors')
    await writeFile(junk, 'hello')
    const truncated = join(mini.folder, 'truncated.safetensors')
    await writeFile(truncated, (await readFile(mini.backbone)).subarray(0, 1_000_000))
    for (const [file, reason] of [
      [junk, 'safetensors'],
      [truncated, 'truncated'],
      [join(mini.folder, 'absent.onnx'), 'absent.onnx'],
      [join(mini.folder, 'weights.pth'), 'weights.pth'],
    ] as const) {
      const { status, stderr } = await runTab(['evaluate', '--data', mini.data, '--backbone', file])
      expect([status, stderr]).toEqual([1, expect.stringContaining(reason)])
    }
  })

  test('an interrupt stops the work and leaves nothing behind', async () => {
    const output = join(mini.folder, 'interrupted')
    const controller = new AbortController()
    const running = runTab(
      ['evaluate', '--data', mini.data, '--backbone', mini.backbone, '--output', output],
      controller.signal,
    )
    controller.abort()
    expect(await running).toMatchObject({ status: 130, stderr: expect.stringContaining('stopped') })
    await expect(readdir(output)).rejects.toThrow('ENOENT')
  })
})
