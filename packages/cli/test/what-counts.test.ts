import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tensorOf } from '@tab/core'
import { writeMask } from '@tab/data/node'
import sharp from 'sharp'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { runTab } from './run-tab.ts'

let mini: Miniature
/** A set whose training images have defects too; those cannot be read, so whoever takes one for good fails. */
let mixed: string

const picturesOf = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.png')).map((name) => join(folder, name))

beforeAll(async () => {
  mini = await miniature()
  mixed = join(mini.folder, 'mixed')
  const add = async (part: string, name: string, source: string | undefined, defective: boolean): Promise<void> => {
    await mkdir(join(mixed, part), { recursive: true })
    const image = join(mixed, part, `${name}.png`)
    await (source ? cp(source, image) : writeFile(image, 'no image'))
    const mask = new Uint8Array(64 * 64)
    if (defective) mask.fill(1, 0, 640)
    await writeMask(join(mixed, part, `${name}_GT.png`), tensorOf('uint8', [64, 64], mask))
  }
  const [good, others] = await Promise.all(['train/good', 'test/good'].map((part) => picturesOf(join(mini.data, part))))
  for (const [i, source] of (good ?? []).entries()) await add('train', `good-${i}`, source, false)
  for (const i of [0, 1]) await add('train', `defective-${i}`, undefined, true)
  for (const [i, source] of (others ?? []).entries()) await add('test', `${i}`, source, i === 0)
})
afterAll(() => rm(mini.folder, { recursive: true }))

describe('only good training images are learned from', () => {
  test('by tab pretrain', async () => {
    const output = join(mini.folder, 'pretrained')
    const small = ['--workers', '0', '--image-size', '32', '--batch', '2', '--engine', 'wasm', '--threads', '1']
    const paths = ['--data', mixed, '--init', mini.backbone, '--output', output]
    const { status, stderr } = await runTab(['pretrain', ...paths, ...small, '--steps', '2'])
    expect([status, stderr]).toEqual([0, expect.any(String)])
    const card = JSON.parse(await readFile(join(output, 'model-card.json'), 'utf8'))
    expect(card.classes).toEqual([expect.objectContaining({ images: 5 })])
  })

  test('by tab evaluate', async () => {
    const output = join(mini.folder, 'evaluated')
    const options = ['--backbone', mini.backbone, '--image-size', '64', '--coreset-ratio', '0.05', '--output', output]
    const { status, stderr } = await runTab(['evaluate', '--data', mixed, ...options])
    expect([status, stderr]).toEqual([0, expect.any(String)])
    const { run, overall } = JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))
    expect([run.normals, overall.images]).toEqual([5, 3])
  })
})

describe('what is shown is what it is called', () => {
  interface Aupro {
    readonly fprLimit: number
    readonly value: number
  }

  test('AUPRO 0.3 of tab evaluate and tab benchmark is the one up to a false positive rate of 0.3; shots follow the seed', async () => {
    const output = join(mini.folder, 'whole')
    const options = ['--backbone', mini.backbone, '--image-size', '64', '--coreset-ratio', '1', '--output', output]
    const { stdout } = await runTab(['evaluate', '--data', mini.data, ...options])
    const { overall, metrics } = JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))
    const at = (limit: number) => (metrics.overall.pixel.aupro as Aupro[]).find(({ fprLimit }) => fprLimit === limit)
    const [wide, narrow] = [at(0.3)?.value as number, at(0.05)?.value as number]
    expect(Math.abs(wide - narrow)).toBeGreaterThan(0.01)
    expect(overall.aupro).toBe(wide)
    const [heading, row] = [/^.*AUPRO 0\.3.*$/m, /^.*\ball\b.*$/m].map((line) => line.exec(stdout)?.[0] ?? '')
    const cells = (line: string | undefined): string[] => (line ?? '').split(/\s*[│|]\s*|\s{2,}/).filter(Boolean)
    const column = cells(heading).indexOf('AUPRO 0.3')
    expect(cells(row).at(column - cells(heading).length)).toBe(wide.toFixed(4))

    // A bank of all patches is the same for every seed, so that only the drawn images tell seeds apart.
    const config = join(mini.folder, 'seeds.json')
    await writeFile(
      config,
      JSON.stringify({
        datasets: [{ path: 'washers' }],
        backbones: [{ name: 'saved', weights: 'resnet18.safetensors' }],
        detectors: [{ method: 'patchcore', coresetRatio: 1 }],
        shots: [2, 'full'],
        seeds: [0, 1],
        imageSize: 64,
      }),
    )
    const cellsOutput = join(mini.folder, 'cells')
    expect(await runTab(['benchmark', '--config', config, '--output', cellsOutput])).toMatchObject({ status: 0 })
    const lines = (await readFile(join(cellsOutput, 'results.jsonl'), 'utf8')).trimEnd().split('\n')
    const results = lines.map((line) => JSON.parse(line))
    const scores = (shots: unknown) =>
      results.filter(({ name }) => name.shots === shots).map((cell) => JSON.stringify(cell.scores))
    expect(new Set(scores(2)).size).toBe(2)
    expect(new Set(scores('full')).size).toBe(1)
    const whole = results.find(({ name }) => name.shots === 'full')
    expect([whole.metrics.aupro, whole.metrics.aupro005]).toEqual([wide, narrow])
  })

  test('colours of a heatmap are those of the calibration: a good image has none of the hottest, a defective one has', async () => {
    const model = join(mini.folder, 'calibrated.safetensors')
    const fit = ['--backbone', mini.backbone, '--output', model, '--image-size', '64', '--coreset-ratio', '0.3']
    expect(await runTab(['fit', '--data', mini.data, ...fit, '--calibrate', '0.4'])).toMatchObject({ status: 0 })
    const [good] = await picturesOf(join(mini.data, 'test/good'))
    const bright = join(mini.folder, 'bright.png')
    const square = await sharp({ create: { width: 24, height: 24, channels: 3, background: '#fff' } })
      .png()
      .toBuffer()
    await sharp(await readFile(good as string))
      .composite([{ input: square, left: 20, top: 20 }])
      .png()
      .toFile(bright)
    const heatmaps = join(mini.folder, 'heatmaps')
    const { stdout } = await runTab([
      'predict',
      '--model',
      model,
      '--json',
      '--heatmaps',
      heatmaps,
      good as string,
      bright,
    ])
    const hottest: number[] = []
    for (const line of stdout.trim().split('\n')) {
      const { path, heatmap } = JSON.parse(line)
      const [photograph, shown] = await Promise.all(
        [path, heatmap].map(async (file: string) => new Uint8Array(await sharp(file).removeAlpha().raw().toBuffer())),
      )
      hottest.push(hottestPixels(photograph as Uint8Array, shown as Uint8Array))
    }
    expect(hottest).toEqual([0, expect.any(Number)])
    expect(hottest[1]).toBeGreaterThan(20)
  })
})

/** Pixels where Turbo's last colour, #900c00, lies over the photograph with an opacity of 235 in 255. */
function hottestPixels(photograph: Uint8Array, shown: Uint8Array): number {
  const color = [0x90, 0x0c, 0x00]
  let count = 0
  for (let i = 0; i < shown.length; i += 3) {
    const far = color.some((value, c) => {
      const mixed = (235 * value + 20 * (photograph[i + c] as number)) / 255
      return Math.abs((shown[i + c] as number) - mixed) > 3
    })
    if (!far) count++
  }
  return count
}
