import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readDetectorHeader } from '@tab/adapters'
import { writeSyntheticDataset } from '@tab/data/node'
import sharp from 'sharp'
import { planThreshold } from '../../pipeline/src/fit/plan-threshold.ts'
import { suspectsSheetPath } from '../../pipeline/src/node/fit/suspects-sheet-path.ts'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { runTab, type Outcome } from './run-tab.ts'

const GOOD = 24

let mini: Miniature
let good: string // photographs of good parts alone, flat
let stained: string // others, each with a stain
beforeAll(async () => {
  mini = await miniature()
  const parts = join(mini.folder, 'parts')
  // Random weights tell few parts from others, and list good ones more often than promised: of seeds 2 to 6 this one shows the mechanism.
  await writeSyntheticDataset(parts, {
    ...{ part: 'washer', size: [64, 64], seed: 6, train: GOOD, good: 8, perDefect: 1 },
  })
  good = join(parts, 'train', 'good')
  stained = join(mini.folder, 'stained')
  await mkdir(stained)
  const others = (await readdir(join(parts, 'test', 'good'))).sort()
  for (const [index, name] of others.entries())
    await stain(join(parts, 'test', 'good', name), join(stained, name), index)
})
afterAll(() => rm(mini.folder, { recursive: true }))

/** A green blot on the part, at another place and of another hue for each. */
async function stain(from: string, to: string, index: number): Promise<void> {
  const blot = {
    create: { width: 12, height: 12, channels: 3, background: { r: 20 * index, g: 255, b: 10 * index } },
  } as const
  const input = await sharp(blot).png().toBuffer()
  await sharp(from)
    .composite([{ input, left: 8 + 5 * index, top: 44 - 4 * index }])
    .png()
    .toFile(to)
}

/** The good photographs and so many stained ones, as a folder. */
async function contaminated(count: number): Promise<string> {
  const folder = join(mini.folder, `with-${count}`)
  await cp(good, folder, { recursive: true })
  for (const name of (await readdir(stained)).sort().slice(0, count))
    await cp(join(stained, name), join(folder, `x-${name}`))
  return folder
}

const output = (name: string): string => join(mini.folder, `${name}.safetensors`)
const fit = (data: string, name: string, ...flags: string[]): Promise<Outcome> =>
  runTab([
    ...['fit', '--data', data, '--backbone', mini.backbone, '--output', output(name), '--image-size', '64'],
    ...(flags.some((flag) => ['--detector', '--coreset-size'].includes(flag)) ? [] : ['--coreset-ratio', '0.05']),
    ...['--overwrite', ...flags],
  ])
interface Told {
  readonly threshold: number | null
  readonly thresholdMethod: string
  readonly guaranteedRate: number | null
  readonly falsePositiveRate: number | null
  readonly images: { readonly fitted: number; readonly heldOut: number }
  readonly suspects: readonly { readonly path: string; readonly score: number; readonly pValue: number }[] | null
  readonly dropped: readonly string[]
  readonly skipped: readonly string[]
  readonly contactSheet: string | null
}
async function told(data: string, name: string, ...flags: string[]): Promise<Told> {
  const { status, stdout, stderr } = await fit(data, name, '--json', ...flags)
  expect([status, stderr]).toEqual([0, expect.any(String)])
  return JSON.parse(stdout) as Told
}
/** How many of the last four stained photographs, which no fit has seen, a detector finds. */
async function recall(name: string): Promise<number> {
  const files = (await readdir(stained)).sort().slice(4)
  const { stdout } = await runTab([
    'predict',
    '--model',
    output(name),
    '--json',
    ...files.map((file) => join(stained, file)),
  ])
  const results = stdout.trim().split('\n')
  expect(results).toHaveLength(4)
  return results.filter((line) => (JSON.parse(line) as { anomalous: boolean }).anomalous).length
}

describe('good images with defective ones among them', () => {
  test('none and two of 26: listed with their p-values; without them the threshold is that of good images, and defects are found', async () => {
    const clean = await told(good, 'clean')
    expect(clean).toMatchObject({ suspects: [], dropped: [], contactSheet: null })
    expect(await recall('clean')).toBe(4)
    const data = await contaminated(2)
    const dropped = await told(data, 'dropped', '--drop-suspects')
    const listed = dropped.suspects ?? []
    expect(listed.map(({ path }) => path).sort()).toEqual(['x-000.png', 'x-001.png'].map((name) => join(data, name)))
    for (const { pValue } of listed) expect(pValue).toBeLessThanOrEqual(0.05)
    expect(dropped.dropped).toEqual(listed.map(({ path }) => path))
    expect(dropped).toMatchObject({ threshold: clean.threshold, images: { fitted: GOOD, heldOut: 0 } })
    expect(await recall('dropped')).toBe(4)
    const kept = await told(data, 'kept')
    expect(kept).toMatchObject({ dropped: [], images: { fitted: GOOD + 2 } })
    expect(kept.suspects).toHaveLength(2)
    expect(kept.threshold as number).toBeGreaterThan(clean.threshold as number)
    expect(await recall('kept')).toBeLessThan(4)
  })

  test('people read it, see it, and the file keeps it', async () => {
    const { stdout } = await fit(await contaminated(2), 'read')
    expect(stdout).toContain('26 good images fitted')
    expect(stdout).toContain('suspects: 2 good images look unlike the others (nominal error rate 0.05')
    expect(stdout.match(/^ {2}score \d\S* {2}p \S+ {2}.*with-2\/x-.*png$/gm)).toHaveLength(2)
    expect(stdout).toMatch(/^warning: if they are defective, the threshold may be too high.*--drop-suspects$/m)
    const sheet = join(mini.folder, 'read.suspects.png')
    expect(stdout).toContain(`contact sheet: ${sheet}`)
    const { data, info } = await sharp(sheet).raw().toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 2 * (406 + 18) + 6, height: 218 })
    const at = (x: number, y: number): number[] => [
      ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
    ]
    // Both stains are on the sheet, whichever comes first.
    const green = (left: number): boolean =>
      Array.from({ length: 200 * 200 }, (_, i) => at(left + (i % 200), 6 + Math.floor(i / 200))).some(
        ([r, g, b]) => (g as number) > 240 && (r as number) < 60 && (b as number) < 60,
      )
    expect([green(6), green(6 + 406 + 18)]).toEqual([true, true])
    const { notes } = readDetectorHeader(await readFile(output('read')))
    expect(notes['suspects']).toHaveLength(2)
    expect(notes).toMatchObject({
      dropped: [],
      threshold: { method: 'cross-fitted', rate: 0.05, folds: 5, isDefault: true },
    })
    // An earlier sheet goes with the detector that it was of.
    await fit(good, 'read', '--no-suspects')
    await expect(readFile(sheet)).rejects.toThrow('ENOENT')
  })

  test.each([
    ['screw.safetensors', 'data', 'screw.suspects.png'],
    ['models/screw.safetensors', 'models/../data', 'models/screw.suspects.png'],
    ['/tmp/screw.v2.safetensors', 'data', '/tmp/screw.v2.suspects.png'],
    ['..data/screw.safetensors', '.', '..data/.screw.suspects.png'],
    ['data/screw.safetensors', 'data', 'data/.screw.suspects.png'],
    ['data/train/good/screw.safetensors', 'data', 'data/train/good/.screw.suspects.png'],
    ['screw.safetensors', '.', '.screw.suspects.png'],
  ])('the sheet of %s on %s is %s: never a photograph of the next fit', (output, data, sheet) => {
    expect(suspectsSheetPath(output, data)).toBe(sheet)
  })

  test('the check can be turned off, and says when it cannot be made', async () => {
    const off = await fit(await contaminated(2), 'off', '--no-suspects')
    expect(off.stdout).toContain('suspects: not checked, --no-suspects was given')
    const few = join(mini.folder, 'few')
    await mkdir(few)
    for (const name of (await readdir(good)).sort().slice(0, 3)) await cp(join(good, name), join(few, name))
    expect((await fit(few, 'few')).stdout).toContain('suspects: not checked, it takes 5 good images, there are 3')
  })
})

describe('the threshold that nobody asked for', () => {
  test.each([
    // images, method, rate
    [1, 'none', undefined],
    [2, 'cross-fitted', 1 / 3],
    [12, 'cross-fitted', 1 / 13],
    [18, 'cross-fitted', 1 / 19],
    [19, 'cross-fitted', 0.05],
    [37, 'cross-fitted', 0.05],
    [38, 'held-out', 0.05],
    [1000, 'held-out', 0.05],
  ])('of %d images: %s, %s', (count, method, rate) => {
    expect(planThreshold(count, { rate: undefined, folds: undefined })).toMatchObject(
      method === 'none' ? { method } : { method, rate, isDefault: true },
    )
  })

  test('is made, and says that it guarantees nothing; --no-calibrate and one image have none, and say so', async () => {
    const { stdout } = await runTab([
      ...['fit', '--data', mini.data, '--backbone', mini.backbone, '--output', output('five'), '--image-size', '64'],
    ])
    expect(stdout).toMatch(
      /5 good images fitted, threshold \d\S* for a false positive rate of about 0.167, the lowest that they support, not guaranteed: from the same, cross-fitted over 5 folds/,
    )
    expect(readDetectorHeader(await readFile(output('five'))).calibration?.guaranteedRate).toBeNull()
    const off = await fit(mini.data, 'off', '--no-calibrate')
    expect(off.stdout).toMatch(
      /no threshold\n[^]*warning: no threshold \(none was asked for\): tab predict will judge nothing/,
    )
    expect(readDetectorHeader(await readFile(output('off'))).calibration).toBeUndefined()
    const one = join(mini.folder, 'one')
    await mkdir(one)
    await cp(join(good, '000.png'), join(one, '000.png'))
    const single = await fit(one, 'single')
    expect([single.status, single.stdout]).toEqual([
      0,
      expect.stringContaining('no threshold (it takes two good images or more): tab predict will judge nothing'),
    ])
    const folds = await fit(one, 'single', '--folds', '2')
    expect(folds).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/--folds or --calibrate: at least two good images.*, got 1\n$/),
    })
    // PaDiM cannot be fitted on one of two images.
    const two = join(mini.folder, 'two')
    await cp(one, two, { recursive: true })
    await cp(join(good, '001.png'), join(two, '001.png'))
    const padim = await fit(two, 'padim', '--detector', 'padim', '--dimensions', '4')
    expect(padim).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/warning: no threshold \(.*two good images/),
    })
  })

  test('an image that cannot be read is replaced by one that can', async () => {
    const broken = join(mini.folder, 'broken')
    await mkdir(broken)
    const names = (await readdir(good)).sort().slice(0, 8)
    for (const name of names) await cp(join(good, name), join(broken, name))
    for (const flags of [[], ['--no-suspects']]) {
      const whole = await told(broken, 'whole', '--calibrate', '0.2', ...flags)
      for (const damaged of ['a.png', 'b.png', 'y.png', 'z.png']) await writeFile(join(broken, damaged), 'no image')
      const refused = await fit(broken, 'refused', '--calibrate', '0.2', ...flags)
      expect(refused).toMatchObject({ status: 1, stderr: expect.stringMatching(/[abyz]\.png/) })
      const skipping = await told(broken, 'skipping', '--calibrate', '0.2', '--skip-unreadable', ...flags)
      expect(skipping).toMatchObject({ images: { fitted: 4, heldOut: 4 }, threshold: whole.threshold })
      expect(skipping.skipped).toHaveLength(4)
      for (const damaged of ['a.png', 'b.png', 'y.png', 'z.png']) await rm(join(broken, damaged))
    }
  })

  test.each([
    [['--neighbors', '500'], 'neighbors must be at most'],
    [['--reweighting', '500'], 'reweighting must be at most'],
    [['--coreset-size', '5000'], 'coresetSize must be at most 320, the number of patches of the good images, got 5000'],
    [
      ['--detector', 'padim', '--dimensions', '5000'],
      'dimensions must be at most 448, the number of channels of the layers, got 5000',
    ],
  ])('more than there is is refused: %j', async (flags, message) => {
    const { status, stderr } = await fit(mini.data, 'much', ...flags)
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)])
    await expect(readFile(output('much'))).rejects.toThrow('ENOENT')
  })
})
