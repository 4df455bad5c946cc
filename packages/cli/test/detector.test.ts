import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readDetectorHeader } from '@tab/adapters'
import sharp from 'sharp'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { runTab, type Outcome } from './run-tab.ts'

let mini: Miniature
let model: string
let goods: string
let fitted: Outcome
beforeAll(async () => {
  mini = await miniature()
  model = join(mini.folder, 'detector.safetensors')
  goods = join(mini.data, 'test', 'good')
  fitted = await fit(model, '--calibrate', '0.4')
})
afterAll(() => rm(mini.folder, { recursive: true }))

const fit = (output: string, ...flags: string[]): Promise<Outcome> =>
  runTab([
    ...['fit', '--data', mini.data, '--backbone', mini.backbone, '--output', output],
    ...['--image-size', '64', '--coreset-ratio', '0.3', ...flags],
  ])
const predict = (...args: string[]): Promise<Outcome> => runTab(['predict', '--model', model, ...args])
const lines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

/** An image unlike any good part. */
async function noise(path: string): Promise<string> {
  const pixels = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 24) & 255)
  await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
    .png()
    .toFile(path)
  return path
}

describe('tab fit', () => {
  test('holds images out for the threshold, and the file says how all was made', async () => {
    expect(fitted).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /^patchcore on resnet18.safetensors: 3 good images fitted, threshold \d\S* for a false positive rate of 0.333 at most, guaranteed by 2 more, held out\nsuspects: (.|\n)*\ndetector: .*detector.safetensors\n/,
      ),
    })
    expect(readDetectorHeader(await readFile(model))).toMatchObject({
      method: 'patchcore',
      extractorId: expect.stringMatching(/^resnet18-[0-9a-f]{16}$/),
      preparation: { size: [64, 64], filter: 'bilinear' },
      calibration: { method: 'held-out', falsePositiveRate: 0.4, guaranteedRate: 1 / 3 },
      notes: {
        backbone: { path: mini.backbone, name: 'resnet18.safetensors' },
        images: { fitted: 3, heldOut: 2 },
        threshold: { method: 'held-out', rate: 0.4, isDefault: false },
        dropped: [],
      },
    })
  })

  test('--json tells the same to programs', async () => {
    const output = join(mini.folder, 'told.safetensors')
    const { status, stdout } = await fit(output, '--calibrate', '0.4', '--no-suspects', '--json')
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      {
        adapted: false,
        warnings: [],
        detector: output,
        backbone: 'resnet18.safetensors',
        images: { fitted: 3, heldOut: 2 },
        skipped: [],
        threshold: readDetectorHeader(await readFile(model)).calibration?.threshold,
        falsePositiveRate: 0.4,
        guaranteedRate: 1 / 3,
        thresholdMethod: 'held-out',
        suspects: null,
        dropped: [],
        contactSheet: null,
      },
    ])
  })

  test('cross-fits where no image can be spared; a folder of images serves as data; crop and filter are kept', async () => {
    const output = join(mini.folder, 'folds.safetensors')
    const { status, stdout } = await runTab([
      ...['fit', '--data', join(mini.data, 'train/good'), '--backbone', mini.backbone, '--output', output],
      ...['--detector', 'padim', '--dimensions', '8', '--image-size', '72', '--crop', '64', '--filter', 'lanczos'],
      ...['--calibrate', '0.2', '--folds', '5'],
    ])
    expect([status, stdout]).toEqual([0, expect.stringContaining('5 good images fitted')])
    expect(stdout).toContain('about 0.2, not guaranteed: from the same, cross-fitted over 5 folds')
    expect(readDetectorHeader(await readFile(output))).toMatchObject({
      method: 'padim',
      preparation: { size: [72, 72], crop: [64, 64], filter: 'lanczos' },
      calibration: { method: 'cross-fitted', guaranteedRate: null },
    })
    const scored = await runTab(['predict', '--model', output, '--json', goods])
    expect(lines(scored.stdout)).toHaveLength(3)
  })

  test('refuses before the work: too few images, an earlier file; leaves nothing when stopped', async () => {
    const few = await fit(join(mini.folder, 'none.safetensors'), '--calibrate', '0.05')
    expect(few).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^tab: --calibrate: a rate of 0.05 takes 19 good images held out.*there are 5.*--folds/m,
      ),
    })
    const folds = await fit(join(mini.folder, 'none.safetensors'), '--calibrate', '0.05', '--folds', '3')
    expect(folds.stderr).toContain('at least 19 good images for falsePositiveRate 0.05, got 5')
    expect(await fit(model)).toMatchObject({ status: 1, stderr: expect.stringContaining('use --overwrite') })
    const folder = join(mini.folder, 'stopped')
    const args = ['fit', '--data', mini.data, '--backbone', mini.backbone, '--output', join(folder, 'd.safetensors')]
    const controller = new AbortController()
    const running = runTab(args, controller.signal)
    controller.abort()
    expect(await running).toMatchObject({ status: 130, stderr: expect.stringContaining('stopped') })
    await expect(readdir(folder)).rejects.toThrow('ENOENT')
  })
})

describe('tab predict', () => {
  test('a line of JSON an image; exit status 2 with an anomalous one, 0 with good ones alone', async () => {
    const odd = await noise(join(mini.folder, 'odd.png'))
    const { status, stdout } = await predict('--json', join(goods, '*.png'), odd, odd)
    expect(status).toBe(2)
    const results = lines(stdout)
    expect(results.map(({ path }) => basename(path as string))).toEqual([...(await readdir(goods)).sort(), 'odd.png'])
    for (const { score, threshold, anomalous, pValue } of results) {
      expect(anomalous).toBe((score as number) > (threshold as number))
      expect([1 / 3, 2 / 3, 1]).toContain(pValue)
    }
    expect(results.at(-1)).toMatchObject({ anomalous: true, pValue: 1 / 3 })
    expect(results.at(-1)?.['normalizedScore']).toBeGreaterThan(0.5)
    const lenient = await predict('--json', '--threshold', '1e9', odd)
    expect([lenient.status, lines(lenient.stdout)[0]]).toEqual([0, expect.objectContaining({ anomalous: false })])
  })

  test('a table by default, CSV on request, the same scores each time', async () => {
    const odd = await noise(join(mini.folder, 'a "b", c.png'))
    const { status, stdout, stderr } = await predict(odd)
    expect(status).toBe(2)
    expect(stdout).toMatch(/ANOMALOUS.*\n/)
    expect(stderr).toMatch(/\n1 image: 1 anomalous, 0 good\n$/)
    const csv = (await predict('--csv', odd)).stdout.split('\n')
    const [json] = lines((await predict('--json', odd)).stdout)
    expect(csv[0]).toBe('path,score,threshold,anomalous,pValue,normalizedScore,heatmap,error')
    expect(csv[1]).toContain(`a ""b"", c.png",${String(json?.['score'])},`)
    expect(csv[1]).toContain(',true,')
  })

  test('heatmaps are pictures of the size of the network, of files of one name too', async () => {
    const heatmaps = join(mini.folder, 'heatmaps')
    const [first] = (await readdir(goods)).sort() as [string]
    const twin = join(mini.folder, 'twin')
    await mkdir(twin)
    await cp(join(goods, first), join(twin, first))
    const { stdout } = await predict('--json', '--heatmaps', heatmaps, join(goods, first), twin)
    const files = lines(stdout).map(({ heatmap }) => heatmap as string)
    expect(files.map((file) => basename(file))).toEqual([first, first.replace('.png', '-2.png')])
    const [one, two] = await Promise.all(files.map((file) => sharp(file).raw().toBuffer({ resolveWithObject: true })))
    expect(one?.info).toMatchObject({ width: 64, height: 64, channels: 3 })
    expect(two?.data.equals(one?.data as Buffer)).toBe(true)
  })

  test('heatmaps replace no image and nothing of an earlier run; their folder is no input', async () => {
    const line = join(mini.folder, 'heat-line')
    await mkdir(line)
    const photograph = await noise(join(line, 'a.png'))
    const before = await readFile(photograph)
    await sharp(before).jpeg().toFile(join(line, 'a.jpg'))
    const heat = join(line, 'heat')
    const names = async (...args: string[]): Promise<unknown[]> => {
      const { stdout } = await predict('--json', '--heatmaps', heat, ...args, line)
      return lines(stdout).map(({ heatmap }) => basename(heatmap as string))
    }
    expect(await names()).toEqual(['a.png', 'a-2.png'])
    expect(await names()).toEqual(['a-3.png', 'a-4.png'])
    expect(await names('--overwrite')).toEqual(['a.png', 'a-2.png'])
    expect((await readdir(heat)).sort()).toEqual(['.tab-output', 'a-2.png', 'a-3.png', 'a-4.png', 'a.png'])
    for (const [folder, input, message, ...flags] of [
      [line, line, 'is a folder that images are read from', '--overwrite'],
      [line, photograph, 'is a folder that images are read from', '--overwrite'],
      [mini.folder, line, 'or contains one', '--overwrite'],
      [line, join(mini.folder, 'heat-l*', 'a.png'), 'holds images to be scored', '--overwrite'],
      [goods, line, 'holds images that are not heatmaps'],
    ] as const) {
      const { status, stderr } = await predict('--heatmaps', folder, ...flags, input)
      expect([status, stderr]).toEqual([1, expect.stringContaining(message)])
    }
    expect((await readFile(photograph)).equals(before)).toBe(true)
  })

  test('without a threshold nothing is judged, whatever the format', async () => {
    const bare = join(mini.folder, 'bare.safetensors')
    await fit(bare, '--no-calibrate')
    for (const format of [[], ['--json'], ['--csv']]) {
      const { status, stderr } = await runTab(['predict', '--model', bare, ...format, goods])
      expect([status, stderr]).toEqual([
        3,
        expect.stringMatching(/\n3 images, nothing judged: the detector has no threshold; give --threshold/),
      ])
    }
    expect((await runTab(['predict', '--model', bare, '--threshold', '1e9', goods])).status).toBe(0)
  })

  test('where nothing can be read it fails, and where something cannot it says that it was not judged', async () => {
    const damaged = join(mini.folder, 'damaged')
    await mkdir(damaged)
    await writeFile(join(damaged, 'a.png'), '')
    const none = await predict('--skip-unreadable', '--json', damaged)
    expect([none.status, none.stderr]).toEqual([1, expect.stringMatching(/got none that can be read of 1\n$/)])
    const some = await predict('--skip-unreadable', '--csv', '--threshold', '1e9', damaged, goods)
    expect([some.status, some.stderr]).toEqual([
      3,
      expect.stringMatching(/4 images: 0 anomalous, 3 good, 1 not judged\n$/),
    ])
    expect(some.stdout).toMatch(/a.png,,1000000000,,,,,"?readPreparedImage: /)
  })

  test('the backbone is looked for where it was, and another one is refused', async () => {
    const moved = `${mini.backbone}.moved.safetensors`
    await rename(mini.backbone, moved)
    try {
      const lost = await predict(goods)
      expect([lost.status, lost.stderr]).toEqual([
        1,
        expect.stringMatching(/backbone resnet18-.*where it no longer exists/),
      ])
      expect((await predict('--backbone', moved, '--json', goods)).stdout).toContain('"score"')
    } finally {
      await rename(moved, mini.backbone)
    }
    const { createBackbone, saveBackbone } = await import('@tab/model')
    const other = join(mini.folder, 'other.safetensors')
    await writeFile(other, saveBackbone(createBackbone({ architecture: 'resnet18', seed: 2 })))
    const refused = await predict('--backbone', other, goods)
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('the extractor it was fitted with')])
  })

  test('unreadable images, missing inputs and other files are named', async () => {
    const mixed = join(mini.folder, 'mixed')
    await cp(goods, mixed, { recursive: true })
    await writeFile(join(mixed, 'broken.PNG'), 'no image')
    expect(await predict('--json', mixed)).toMatchObject({ status: 1, stderr: expect.stringContaining('broken.PNG') })
    const skipped = await predict('--json', '--skip-unreadable', mixed)
    expect(skipped.stderr).toMatch(
      /broken.PNG was not judged: .*not a readable image.*\n[\s\S]*4 images: .*, 1 not judged\n$/,
    )
    const told = lines(skipped.stdout)
    expect(told).toHaveLength(4)
    expect(told.filter(({ score }) => score === null)).toEqual([
      expect.objectContaining({
        path: join(mixed, 'broken.PNG'),
        anomalous: null,
        error: expect.stringContaining('broken.PNG'),
      }),
    ])
    for (const [args, message] of [
      [[join(mini.folder, 'nowhere')], 'nowhere, got none'],
      [[join(mini.folder, '*.gif')], '*.gif, got none'],
      [['--model', mini.backbone, goods], 'a detector file, with tab.detector in its metadata'],
      [['--model', join(mini.folder, 'absent'), goods], 'a readable file, got'],
    ] as const) {
      expect(await predict(...args)).toMatchObject({ status: 1, stderr: expect.stringContaining(message) })
    }
  })

  test('--watch goes on with new images until it is stopped, and then tells by its status', async () => {
    const folder = join(mini.folder, 'line')
    await cp(goods, folder, { recursive: true })
    const stop = new AbortController()
    const running = runTab(
      ['predict', '--model', model, '--watch', '--json', '--heatmaps', join(mini.folder, 'seen'), folder],
      stop.signal,
    )
    const waitFor = async (count: number): Promise<void> => {
      for (let tries = 0; tries < 600; tries++) {
        const seen = await readdir(join(mini.folder, 'seen')).catch((): string[] => [])
        if (seen.filter((name) => name.endsWith('.png')).length >= count) return
        await pause(50)
      }
      throw new Error(`no picture number ${count}`)
    }
    await waitFor(3)
    await writeFile(join(folder, 'half.png'), 'no image')
    await noise(join(folder, 'late.png'))
    await waitFor(4)
    await pause(100)
    const [first] = (await readdir(goods)).sort() as [string]
    await cp(join(folder, 'late.png'), join(folder, first))
    await waitFor(5)
    await pause(100)
    stop.abort()
    const { status, stdout, stderr } = await running
    expect(lines(stdout).map(({ path }) => basename(path as string))).toEqual([
      ...(await readdir(goods)).sort(),
      'late.png',
      first,
    ])
    expect(lines(stdout).at(-1)).toMatchObject({ anomalous: true })
    expect(stderr).toContain('watching ')
    expect(stderr).toMatch(/1 not judged, as the watch was stopped before: .*half.png/)
    expect(status).toBe(2)
  })
})
