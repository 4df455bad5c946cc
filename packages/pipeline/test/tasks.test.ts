import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readDetectorHeader } from '@tab/adapters'
import { exportOnnx, loadBackbone } from '@tab/model'
import type { FitSpec } from '@tab/pipeline'
import { benchmark, evaluate, fit, openInspector, predictImages, synthesize, type FitResult } from '@tab/pipeline/node'
import { miniature, type Miniature } from './miniature.ts'

let mini: Miniature
let small: FitSpec
beforeAll(async () => {
  mini = await miniature()
  small = {
    ...{ data: mini.data, backbone: mini.backbone, output: join(mini.folder, 'small.safetensors') },
    ...{ detector: { method: 'patchcore', coresetRatio: 0.05 }, imageSize: [64, 64], suspects: 'skip' },
  }
})
afterAll(() => rm(mini.folder, { recursive: true }))

/** Scores of the good test images by the detector of a file. */
async function scoresOf(file: string, backbone?: string): Promise<(number | null)[]> {
  const inspector = await openInspector({ model: file, backbone })
  const folder = join(mini.data, 'test', 'good')
  const files = (await readdir(folder)).sort().map((name) => join(folder, name))
  const scores: (number | null)[] = []
  for await (const { score } of predictImages(inspector, files, { batchSize: 2 })) scores.push(score)
  inspector.dispose()
  return scores
}

describe('fit', () => {
  test('writes a detector, and says what it did as plain data', async () => {
    const phases = new Set<string>()
    const result = await fit(small, { madeBy: 'test 1', onProgress: ({ phase }) => void phases.add(phase) })
    expect(result).toEqual(JSON.parse(JSON.stringify(result)) as FitResult)
    expect(result).toMatchObject({
      ...{ detector: small.output, method: 'patchcore', backbone: 'resnet18.safetensors', contactSheet: null },
      ...{ images: { fitted: 5, heldOut: 0 }, skipped: [], suspects: null, unchecked: 'spec.suspects is skip' },
      plan: { method: 'cross-fitted', folds: 5 },
    })
    expect([...phases]).toContain('fit')
    const { notes, calibration } = readDetectorHeader(await readFile(small.output))
    expect([notes['madeBy'], calibration?.threshold]).toEqual(['test 1', result.threshold])
  })

  test('names the field that is wrong, and leaves an earlier file alone', async () => {
    await expect(fit({ ...small, data: 7 as never })).rejects.toThrow(/^spec\.data: /)
    const output = join(mini.folder, 'earlier.safetensors')
    await writeFile(output, 'mine')
    await expect(fit({ ...small, output })).rejects.toThrow(/^spec\.output: .*exists; use spec\.overwrite/)
    const other = join(mini.folder, 'none.safetensors')
    await expect(fit({ ...small, output: other, backbone: 'nowhere.onnx' })).rejects.toThrow(/^spec\.backbone: /)
    await expect(fit({ ...small, output: other, calibrate: 0.01 })).rejects.toThrow(/^spec\.calibrate: .*spec\.folds/)
    expect(await readFile(output, 'utf8')).toBe('mine')
    await expect(access(other)).rejects.toThrow('ENOENT')
  })
})

describe('a backbone of another program', () => {
  const layers = ['layer2', 'layer3']
  const [mean, std] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ] as [[number, number, number], [number, number, number]]
  let model: string
  let ours: (number | null)[]
  beforeAll(async () => {
    const { backbone } = loadBackbone(await readFile(mini.backbone))
    const bytes = Buffer.from(exportOnnx(backbone, { layers, layout: 'nchw' }))
    bytes.write('xxx.backbone', bytes.lastIndexOf('tab.backbone')) // nothing says whose it is
    model = join(mini.folder, 'any.onnx')
    await writeFile(model, bytes)
    const output = join(mini.folder, 'ours.safetensors')
    await fit({ ...small, output })
    ours = await scoresOf(output)
  })

  test('scores as the same weights of ours, by spec or by a JSON file beside it; its file reopens it', async () => {
    const detector = { method: 'patchcore', coresetRatio: 0.05, layers } as const
    const output = join(mini.folder, 'by-spec.safetensors')
    const { backbone } = await fit({ ...small, output, backbone: model, detector, foreign: { mean, std } })
    expect(backbone).toBe('any.onnx')
    const { notes } = readDetectorHeader(await readFile(output))
    expect(notes['backbone']).toMatchObject({
      foreign: {
        layers: [
          { name: 'layer2', channels: 128, stride: 8 },
          { name: 'layer3', channels: 256, stride: 16 },
        ],
        ...{ mean, std },
      },
    })
    const scores = await scoresOf(output)
    scores.forEach((score, index) => expect(score).toBeCloseTo(ours[index] as number, 3))

    const beside = join(mini.folder, 'any.json')
    await writeFile(beside, JSON.stringify({ layers, mean, std }))
    const described = join(mini.folder, 'by-json.safetensors')
    await fit({ ...small, output: described, backbone: model })
    await rm(beside) // the detector's file knows
    expect(await scoresOf(described)).toEqual(scores)
  })

  test('is refused in words where nothing, or something odd, is said of it', async () => {
    const output = join(mini.folder, 'odd.safetensors')
    const attempt = (change: Partial<FitSpec>) => fit({ ...small, output, backbone: model, ...change })
    await expect(attempt({})).rejects.toThrow(
      /^spec\.backbone .*any\.onnx: .*mean, std not given: give them, or write them into .*any\.json/,
    )
    const detector = { method: 'patchcore', layers: ['layer9'] } as const
    await expect(attempt({ detector, foreign: { mean, std } })).rejects.toThrow(/any\.onnx: .*outputs among.*layer9/)
    await expect(attempt({ backbone: mini.backbone, foreign: { mean, std } })).rejects.toThrow(
      'describe an ONNX file of another maker; these are safetensors',
    )
    const beside = join(mini.folder, 'any.json')
    await writeFile(beside, JSON.stringify({ mean: [0, 0], std }))
    await expect(attempt({})).rejects.toThrow(/any\.json: .*mean/)
    await rm(beside)
  })
})

test('evaluate without a drawing writes results alone, and one that is drawn goes with the next', async () => {
  const output = join(mini.folder, 'evaluated')
  const spec = {
    ...{ data: mini.data, output, overwrite: true },
    imageSize: [64, 64],
    backbones: [{ name: 'saved', weights: mini.backbone }],
    detector: { method: 'patchcore', coresetRatio: 0.05 },
  } as const
  const drawn = await evaluate(spec, { drawReport: ({ title, runs }) => Promise.resolve(`${title}, ${runs.length}`) })
  expect(await readFile(join(output, 'report.html'), 'utf8')).toBe('Evaluation: patchcore on washers, 1')
  const { runs, files, json } = await evaluate(spec)
  expect([await readdir(output), files.report]).toEqual([['results.json'], null])
  expect(await readFile(files.results, 'utf8')).toBe(json)
  expect(JSON.parse(json).overall.imageAuroc).toBe(drawn.runs[0]?.results.overall.imageAuroc)
  expect(runs.map(({ title }) => title)).toEqual(['patchcore'])
})

test('synthesize and benchmark give what they made as plain data, and go on', async () => {
  const output = join(mini.folder, 'pairs')
  const pairs = await synthesize({ input: mini.data, output, kind: 'cut-paste', count: 2 })
  expect(pairs).toMatchObject({ pairs: 2, images: join(output, 'images'), leftOut: [] })
  expect((await readdir(pairs.masks)).sort()).toEqual(['000000.png', '000001.png'])
  await expect(synthesize({ input: join(mini.folder, 'empty'), output: 'x' })).rejects.toThrow('empty')
  const stopped = synthesize(
    { input: mini.data, output: join(mini.folder, 'x'), count: 1 },
    { signal: AbortSignal.abort() },
  )
  await expect(stopped).rejects.toMatchObject({ code: 'ABORTED', where: expect.not.stringMatching(/^tab/) })

  const folder = join(mini.folder, 'compared')
  await mkdir(folder)
  const spec = {
    output: folder,
    cache: false,
    shots: [1],
    imageSize: [64, 64],
    datasets: [{ path: mini.data }],
    backbones: [{ name: 'saved', weights: mini.backbone }],
    detectors: [{ method: 'patchcore', coresetRatio: 0.2 }],
  } as const
  const rows: string[] = []
  const task = { onRow: ({ name }: { name: { detector: string } }) => void rows.push(name.detector) }
  const first = await benchmark(spec, {
    ...task,
    drawTables: ({ rows: all }) => ({ 'table.md': `${all.length} rows` }),
  })
  expect(first).toMatchObject({ total: 1, failed: [], tables: { 'table.md': '1 rows' } })
  expect(await readFile(join(folder, 'table.md'), 'utf8')).toBe('1 rows')
  const again = await benchmark(spec, task)
  expect([rows, again.rows]).toEqual([['patchcore'], first.rows])
})
