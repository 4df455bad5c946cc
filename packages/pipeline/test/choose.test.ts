import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tensor, tensorOf } from '@tab/core'
import { openDataset, readImage, readMask, writeSyntheticDataset } from '@tab/data/node'
import { evaluateDetection } from '@tab/metrics'
import { exportOnnx } from '@tab/model'
import { choose, type ChooseTask } from '@tab/pipeline/node'
import type { Choice, Scoring } from '@tab/pipeline/results'
import fc from 'fast-check'
import { narrowBackbone } from '../../model/test/narrow-backbone.ts'
import { candidatesOf } from '../src/node/choose/candidates.ts'
import { divideGood } from '../src/node/choose/divide-good.ts'
import { judgedUnits } from '../src/node/choose/judged-units.ts'
import { curveSteps, enoughImages } from '../src/node/choose/normals-curve.ts'
import { defectWidths, paintDefects } from '../src/node/choose/paint-defects.ts'
import { pickCandidate, type Contender } from '../src/node/choose/pick-candidate.ts'
import { pixelIntervals } from '../src/node/choose/pixel-intervals.ts'
import { foundByWidth, smallestDefect } from '../src/node/choose/smallest-defect.ts'

let folder: string
let data: string
let good: string
let backbones: { name: string; weights: string }[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-choose-'))
  data = join(folder, 'washers')
  await writeSyntheticDataset(data, { part: 'washer', size: [64, 64], seed: 1, train: 9, good: 2, perDefect: 2 })
  good = join(folder, 'good')
  await mkdir(good)
  for (const name of await readdir(join(data, 'train/good')))
    await copyFile(join(data, 'train/good', name), join(good, name))
  const weights = join(folder, 'narrow.onnx')
  await writeFile(weights, exportOnnx(narrowBackbone('resnet18', 'layer3'), { layers: ['layer2', 'layer3'] }))
  backbones = [{ name: 'narrow', weights }]
})
afterAll(() => rm(folder, { recursive: true }))

describe('what is judged was never fitted on', () => {
  test('no photograph is in two parts, nor one with the same bytes; the seed decides', async () => {
    const twice = join(folder, 'twice')
    await mkdir(twice)
    const names = await readdir(good)
    for (const name of names) await copyFile(join(good, name), join(twice, name))
    for (const name of names.slice(0, 2)) await copyFile(join(good, name), join(twice, `copy-${name}`))
    const dataset = await openDataset(twice)
    const bytesOf = async (samples: readonly { path: string }[]) =>
      Promise.all(samples.map(async ({ path }) => (await readFile(path)).toString('base64')))
    const splits = new Set<string>()
    for (const seed of [0, 1, 2]) {
      const { fitted, good: judged, repeated } = await divideGood(dataset, 'spec.data', seed, undefined)
      expect([fitted.length, judged.length, repeated.length]).toEqual([6, 3, 2])
      const all = [...(await bytesOf(fitted)), ...(await bytesOf(judged))]
      expect(new Set(all).size).toBe(9)
      splits.add(judged.map(({ id }) => id).join())
    }
    expect(splits.size).toBeGreaterThan(1)
  })

  test('good images of the test split are judged on first, and one in both splits is not fitted on', async () => {
    const both = join(folder, 'both')
    await writeSyntheticDataset(both, { part: 'washer', size: [64, 64], seed: 1, train: 6, good: 3, perDefect: 1 })
    const [leaked] = await readdir(join(both, 'test/good'))
    await copyFile(join(both, 'test/good', leaked as string), join(both, 'train/good/leaked.png'))
    const { fitted, good: judged, repeated } = await divideGood(await openDataset(both), 'spec.data', 0, undefined)
    expect(repeated).toEqual(['train/good/leaked.png'])
    expect([fitted.length, judged.map(({ split }) => split)]).toEqual([6, ['test', 'test', 'test']])
  })

  test('too few say how many it takes', async () => {
    const few = join(folder, 'few')
    await mkdir(few)
    for (const name of (await readdir(good)).slice(0, 3)) await copyFile(join(good, name), join(few, name))
    const spec = { data: few, backbones, output: join(folder, 'none') }
    await expect(choose(spec)).rejects.toThrow(
      /^spec\.data: at least 4 different good images, 2 or more of them for training.*got 3/,
    )
  })
})

test('synthetic defects are of the width that they are called, where their masks say, and nowhere else', async () => {
  expect(defectWidths([64, 64])).toEqual([4, 8, 16])
  expect(defectWidths([3000, 4000])).toEqual([8, 16, 32, 64, 128, 256, 512])
  const { samples } = await openDataset(good)
  const place = join(folder, 'painted')
  const painted = await paintDefects(samples, [64, 64], place, 3, {})
  expect(painted).toHaveLength(27)
  for (const { sample, source, width } of painted) {
    const [image, mask, before] = await Promise.all([
      readImage(sample.path),
      readMask(sample.maskPath as string),
      readImage(source.path),
    ])
    const [rows, columns] = [0, 1].map((axis) => {
      const places = [...mask.data.keys()]
        .filter((at) => mask.data[at] === 1)
        .map((at) => (axis === 0 ? Math.floor(at / 64) : at % 64))
      return Math.max(...places) - Math.min(...places) + 1
    }) as [number, number]
    const extent = Math.sqrt(rows * rows + columns * columns)
    expect(extent).toBeGreaterThan(width * 0.5)
    expect(extent).toBeLessThan(width * 2 + 2)
    const changed = [...mask.data.keys()].filter((at) =>
      [0, 1, 2].some((c) => Math.abs((image.data[at * 3 + c] as number) - (before.data[at * 3 + c] as number)) > 0.002),
    )
    const changes = [...mask.data.keys()]
      .filter((at) => mask.data[at] === 1)
      .map((at) =>
        Math.max(
          ...[0, 1, 2].map((c) => Math.abs((image.data[at * 3 + c] as number) - (before.data[at * 3 + c] as number))),
        ),
      )
    expect(changes.reduce((sum, change) => sum + change, 0) / changes.length).toBeGreaterThan(0.14)
    expect(changed.every((at) => mask.data[at] === 1)).toBe(true)
  }
})

test('the smallest defect found is the first width from which on nine of ten are above the threshold', () => {
  const scores = (width: number, ...values: number[]) => values.map((score) => ({ width, score }))
  const table = [
    ...scores(4, 1, 1, 2, 9, 1, 1, 1, 1, 1, 1),
    ...scores(8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9), // all, but not of the next
    ...scores(16, 9, 9, 9, 9, 9, 9, 9, 9, 5, 5), // 5 is the threshold: not above it
    ...scores(32, 9, 9, 9, 9, 9, 9, 9, 9, 9, 5),
    ...scores(64, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9),
  ]
  const found = foundByWidth([...table].reverse(), 5)
  expect(found.map(({ width, found: count, of }) => [width, count, of])).toEqual([
    [4, 1, 10],
    [8, 10, 10],
    [16, 8, 10],
    [32, 9, 10],
    [64, 10, 10],
  ])
  expect(smallestDefect(found)).toBe(32)
  expect(smallestDefect(foundByWidth(table, 4.9))).toBe(8)
  expect(smallestDefect(foundByWidth(table, 9))).toBeNull()
  expect(smallestDefect([])).toBeNull()
})

describe('pickCandidate', () => {
  const contender = (name: string, quality: number, milliseconds: number, megabytes = 1, synthetic = 0) => ({
    ...{ name, qualities: [quality, synthetic], milliseconds, megabytes },
  })
  const none = { milliseconds: null, megabytes: null }
  const within = (margin: number) => (best: Contender, other: Contender, level: number) =>
    Promise.resolve((best.qualities[level] as number) - (other.qualities[level] as number) <= margin)

  test('takes the best, and of those as good the cheapest', async () => {
    const all = [contender('slow', 0.98, 90), contender('quick', 0.96, 30), contender('poor', 0.7, 5)]
    expect((await pickCandidate(all, none, within(0))).chosen?.name).toBe('slow')
    const { chosen, tied } = await pickCandidate(all, none, within(0.03))
    expect([chosen?.name, tied.map(({ name }) => name)]).toEqual(['quick', ['slow', 'quick']])
  })

  test('times within a quarter count as equal; then the better one, then the smaller', async () => {
    const all = [
      contender('a', 0.95, 30),
      contender('b', 0.97, 37, 9),
      contender('c', 0.97, 36, 3),
      contender('d', 0.99, 38),
    ]
    expect((await pickCandidate(all, none, within(1))).chosen?.name).toBe('c')
  })

  test('what the first quality cannot tell apart, the second does', async () => {
    const all = [contender('blind', 1, 10, 1, 0.6), contender('sharp', 1, 20, 1, 0.9), contender('worse', 0.8, 5, 1, 1)]
    expect((await pickCandidate(all, none, within(0.1))).chosen?.name).toBe('sharp')
  })

  test('never takes one over the limits, and says which is nearest where all are', async () => {
    const number = fc.double({ min: 0.5, max: 100, noNaN: true })
    const any = fc.record({ quality: number, milliseconds: number, megabytes: number })
    await fc.assert(
      fc.asyncProperty(fc.array(any, { minLength: 1 }), number, number, fc.boolean(), async (all, ms, mb, isTie) => {
        const contenders = all.map(({ quality, ...cost }) => ({ qualities: [quality], ...cost }))
        const limits = { milliseconds: ms, megabytes: mb }
        const { chosen, nearest } = await pickCandidate(contenders, limits, () => Promise.resolve(isTie))
        const possible = contenders.filter(({ milliseconds, megabytes }) => milliseconds <= ms && megabytes <= mb)
        expect(chosen === undefined).toBe(possible.length === 0)
        expect(nearest === undefined).toBe(possible.length > 0)
        if (chosen) expect(possible).toContain(chosen)
      }),
    )
  })
})

test('the number of images that is enough is that from which on no more than 0.01 is gained', () => {
  const points = (...values: number[]) => values.map((value, index) => ({ images: 2 ** index, value }))
  expect(enoughImages(points(0.8, 0.955, 0.91, 0.955, 0.96))).toBe(8)
  expect(enoughImages(points(0.97, 0.96, 0.965, 0.96))).toBe(1)
  expect(enoughImages(points(0.8, 0.9, 0.95))).toBeNull()
  expect(curveSteps(20)).toEqual([1, 2, 3, 5, 8, 12, 20])
})

test('intervals of pixel metrics lie around the exact values', async () => {
  const [count, side] = [12, 40]
  const samples = Array.from({ length: count }, (_, index) => {
    const isGood = index % 2 === 0
    const sample = { id: `${index}`, path: `${index}`, split: 'test' as const, defect: isGood ? 'good' : 'spot' }
    return isGood ? { ...sample, label: 0 as const } : { ...sample, label: 1 as const, maskPath: 'mask' }
  })
  const maps = new Float32Array(count * side * side)
  const masks = new Uint8Array(count * side * side)
  let state = 1
  const random = () => ((state = (state * 16807) % 2147483647), state / 2147483647)
  for (let at = 0; at < maps.length; at++) {
    const [image, y, x] = [Math.floor(at / side / side), Math.floor(at / side) % side, at % side]
    masks[at] = image % 2 === 1 && y < 9 && (x < 6 || x > 30) ? 1 : 0
    maps[at] = random() + (masks[at] === 1 ? 0.6 : 0)
  }
  const area = side * side
  const { overall } = evaluateDetection({
    scores: samples.map(({ label }) => label),
    labels: samples.map(({ label }) => label),
    maps: tensor([count, side, side], maps),
    masks: tensorOf('uint8', [count, side, side], masks),
  })
  const scoring = {
    samples,
    mapSample: maps,
    view: (place: number) =>
      Promise.resolve({
        map: maps.subarray(place * area, (place + 1) * area),
        mask: masks.subarray(place * area, (place + 1) * area),
      }),
  } as unknown as Scoring
  const found = await pixelIntervals(
    scoring,
    judgedUnits(samples, ({ path }) => path),
    [side, side],
    0,
    {},
  )
  const exact = [overall.pixel?.auroc as number, overall.pixel?.aupro[0]?.value as number]
  ;[found?.auroc, found?.aupro].forEach((interval, index) => {
    const [low, high] = interval as readonly [number, number]
    expect(low).toBeLessThan(exact[index] as number)
    expect(high).toBeGreaterThan(exact[index] as number)
    expect(high - low).toBeLessThan(0.05)
  })
})

test('candidates: cheap ones first, tiles of large photographs last, each with a name of its own', () => {
  const spec = { data: 'd', output: 'o' }
  const small = candidatesOf(spec, [64, 64])
  expect(small.map(({ name }) => name).slice(0, 3)).toEqual([
    'patchcore, 224 x 224 px',
    'subspace, 224 x 224 px',
    'padim, 224 x 224 px',
  ])
  expect(small.some(({ tiles, pixels }) => tiles !== null || pixels > 224 * 224)).toBe(false)
  const large = candidatesOf({ ...spec, backbones: [...backbones, { name: 'other', weights: 'w' }] }, [3000, 4000])
  expect(new Set(large.map(({ name }) => name)).size).toBe(large.length)
  expect([large.at(-1)?.imageSize, large.at(-1)?.reading]).toEqual(['original', 'fast'])
  expect(large.every(({ tiles }, index) => !tiles || large.slice(index).every((other) => other.tiles))).toBe(true)
})

describe('choose', () => {
  let choice: Choice
  let output: string
  const small = () => ({ data, backbones, imageSizes: [32, 64], detectors: ['subspace', 'padim'] as const })
  const stored = async (): Promise<Choice> => JSON.parse(await readFile(join(output, 'choice.json'), 'utf8')) as Choice

  beforeAll(async () => {
    output = join(folder, 'choice')
    const { files, ...result } = await choose(
      { ...small(), output },
      { drawReport: ({ chosen }) => `page of ${chosen}` },
    )
    choice = result
    expect(files).toEqual({ choice: join(output, 'choice.json'), report: join(output, 'report.html') })
  })

  test('measures, chooses, and leaves nothing but its results', async () => {
    expect((await readdir(output)).sort()).toEqual(['choice.json', 'report.html'])
    expect(await readFile(join(output, 'report.html'), 'utf8')).toBe(`page of ${choice.chosen}`)
    expect(await stored()).toEqual(JSON.parse(JSON.stringify(choice)))
    expect(choice.images).toEqual({ fitted: 8, good: 3, synthetic: 9, real: choice.images.real })
    expect(choice.candidates.map(({ name }) => name)).toEqual(['subspace, 32 x 32 px', 'subspace, 64 x 64 px'])
    expect(choice.untried.map(({ name }) => name)).toEqual(['padim, 32 x 32 px', 'padim, 64 x 64 px'])
    expect(choice.untried[0]?.reason).toMatch(/layers among layer2, layer3/) // PaDiM asks for layer1 too
    const chosen = choice.candidates.filter(({ standing }) => standing === 'chosen')
    expect(chosen.map(({ name }) => name)).toEqual([choice.chosen])
    expect(choice.fit).toMatchObject({ data, detector: chosen[0]?.detector, imageSize: chosen[0]?.imageSize })
    for (const { synthetic, real, found, falseAlarms, cost } of choice.candidates) {
      for (const quality of [synthetic, real]) {
        const [low, high] = quality?.imageAuroc.interval as readonly [number, number]
        expect(low <= (quality?.imageAuroc.value ?? NaN) && (quality?.imageAuroc.value ?? NaN) <= high).toBe(true)
      }
      expect(found?.map(({ width, of }) => [width, of])).toEqual([
        [4, 3],
        [8, 3],
        [16, 3],
      ])
      expect(falseAlarms?.of).toBe(3)
      expect(cost.milliseconds).toBeGreaterThan(cost.readMilliseconds)
    }
    expect(choice.curve?.points.map(({ images }) => images)).toEqual([1, 2, 3, 5, 8])
  })

  test('the same seed measures the same', async () => {
    const again = await choose({ ...small(), imageSizes: [32], detectors: ['subspace'], output: join(folder, 'again') })
    const before = choice.candidates.find(({ name }) => name === 'subspace, 32 x 32 px')
    expect(
      again.candidates.map(({ name, synthetic, real, threshold }) => ({ name, synthetic, real, threshold })),
    ).toEqual(
      [before].map(
        (each) => each && { name: each.name, synthetic: each.synthetic, real: each.real, threshold: each.threshold },
      ),
    )
  })

  test('with nothing within the limits there is no choice, but the nearest and the figures', async () => {
    const spec = { ...small(), imageSizes: [32], detectors: ['subspace'] as const, output: join(folder, 'tight') }
    const tight = await choose({ ...spec, maxMb: 1e-6 })
    expect([tight.chosen, tight.fit, tight.curve, tight.nearest]).toEqual([null, null, null, 'subspace, 32 x 32 px'])
    expect(tight.candidates.map(({ standing }) => standing)).toEqual(['over the limits'])
  })

  test('what time does not allow is named', async () => {
    const spec = { ...small(), output: join(folder, 'short'), minutes: 1e-9 }
    const short = await choose(spec)
    expect(short.candidates).toHaveLength(1)
    expect(short.untried.map(({ reason }) => reason)).toContain('no time was left')
    expect(short.curve).toMatchObject({ isCutShort: true, enough: null, points: [{ images: 8 }] })
  })

  test('a backbone that is not there is found before the work; an abort leaves nothing', async () => {
    const nowhere = [{ name: 'x', weights: join(folder, 'nowhere.onnx') }]
    const phases: string[] = []
    const task: ChooseTask = { onProgress: ({ phase }) => void phases.push(phase) }
    const place = join(folder, 'refused')
    await expect(choose({ ...small(), backbones: nowhere, output: place }, task)).rejects.toThrow(
      /^spec\.backbone.*nowhere/,
    )
    expect(phases).toEqual([])
    const controller = new AbortController()
    const onProgress: ChooseTask['onProgress'] = ({ phase }) => phase === 'measure' && controller.abort()
    const stopped = choose({ ...small(), output: place }, { signal: controller.signal, onProgress })
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(readdir(place)).rejects.toThrow('ENOENT')
    await expect(choose({ ...small(), output })).rejects.toThrow(/^spec\.output: .*exists/)
  })
})
