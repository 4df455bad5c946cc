import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { referenceBackend, tensor, tensorOf, type Tensor } from '@tab/core'
import { readImage, writeImage, writeMask, writeSyntheticDataset } from '@tab/data/node'
import { fitInspector, openInspector as openAnywhere, type FitSpec, type WhereToLook } from '@tab/pipeline'
import { evaluate, fit, openInspector } from '@tab/pipeline/node'
import { foregroundMask } from '@tab/synth'
import { redExtractor } from './inspect/red-extractor.ts'
import { miniature, type Miniature } from './miniature.ts'

/** A black image with a red square of 3 pixels. */
function square(top: number, left: number, [height, width] = [12, 24]): Tensor {
  const data = new Float32Array(height * width * 3)
  for (let y = top; y < top + 3; y++) for (let x = left; x < left + 3; x++) data[(y * width + x) * 3] = 0.9
  return tensor([height, width, 3], data)
}
const black = tensor([12, 24, 3], new Float32Array(12 * 24 * 3))
const left = [
  [
    [0, 0],
    [12, 0],
    [12, 12],
    [0, 12],
  ],
] as const

describe('an inspector of a part of images', () => {
  const engine = () => ({ extractor: redExtractor(), backend: referenceBackend() })
  const method = { method: 'patchcore', layers: ['pixels'], coresetSize: 1, sigma: 0 } as const
  const fitted = (look: WhereToLook, more: object = {}) =>
    fitInspector({
      ...{ ...engine(), method, images: Array.from({ length: 5 }, () => black) },
      preparation: { size: [12, 24], look, ...more },
    })

  test.each([
    ['whole images', {}],
    ['tiles', { tiles: { size: [12, 12], overlap: 4 } }],
    ['images at half of the size', { size: [6, 12] }],
  ])('of %s finds a defect in it, and none outside', async (_, more) => {
    const inspector = await fitted({ region: left }, more)
    const opened = await openAnywhere({ ...engine(), detector: await inspector.save() })
    for (const one of [inspector, opened]) {
      const inside = await one.inspect(square(4, 3))
      expect(inside.verdict).toBe('anomalous')
      expect(inside.regions.every(({ box }) => box.x + box.width <= 12)).toBe(true)
      expect((await one.inspect(square(4, 16))).score).toBe((await one.inspect(black)).score)
    }
    opened.dispose()
    inspector.dispose()
  })

  test('does not look at what is ignored, also of its region', async () => {
    const ignore = tensorOf(
      'uint8',
      [12, 24],
      Uint8Array.from({ length: 288 }, (_, at) => (at % 24 < 6 ? 1 : 0)),
    )
    const inspector = await fitted({ region: left, ignore })
    const scores: unknown[] = []
    for (const image of [black, square(4, 1), square(4, 8), square(4, 16)])
      scores.push((await inspector.inspect(image)).score)
    expect(scores.map((score) => score === scores[0])).toEqual([true, true, false, true])
    inspector.dispose()
  })

  test('refuses a region without pixels, one that is ignored, and a mask of another size', async () => {
    const none = [
      [
        [30, 0],
        [40, 0],
        [40, 12],
      ],
    ] as const
    await expect(fitted({ region: none })).rejects.toThrow(
      'fitInspector.preparation.look.region: pixels to look at in images of 12 x 24, got none',
    )
    await expect(fitted({ region: left, ignore: left })).rejects.toThrow('got none outside of what is ignored')
    const mask = tensorOf('uint8', [24, 12], new Uint8Array(288).fill(1))
    await expect(fitted({ ignore: mask })).rejects.toThrow(
      'fitInspector.preparation.look.ignore: a mask of the size of the images, 12 x 24, got 24 x 12',
    )
  })
})

describe('tasks on a part of images', () => {
  let mini: Miniature
  const file = (name: string): string => join(mini.folder, name)
  const spec = () => ({
    ...{ data: mini.data, backbone: mini.backbone, output: file('part.safetensors'), overwrite: true },
    ...({ detector: { method: 'patchcore', coresetRatio: 0.05 }, imageSize: [32, 32], suspects: 'skip' } as const),
  })
  beforeAll(async () => {
    mini = await miniature()
    await writeFile(file('middle.json'), '[[16, 16], [48, 16], [48, 48], [16, 48]]')
    const corner = Uint8Array.from({ length: 64 * 64 }, (_, at) => (at % 64 < 24 && at < 64 * 24 ? 1 : 0))
    await writeMask(file('corner.png'), tensorOf('uint8', [64, 64], corner))
    await writeFile(file('two.json'), '[[0, 0], [1, 1]]')
    await writeFile(file('broken.json'), '[[')
  })
  afterAll(() => rm(mini.folder, { recursive: true }))

  test('a region as JSON and an ignored part as PNG are in pixels of the photograph, and in the file', async () => {
    await fit({ ...spec(), region: file('middle.json'), ignore: file('corner.png') })
    const inspector = await openInspector({ model: file('part.safetensors') })
    const { map } = await inspector.inspect(join(mini.data, 'test', 'dent', '000.png'))
    const rows = Array.from({ length: 32 }, (_, y) => [...(map as Tensor).data.subarray(y * 32, (y + 1) * 32)])
    const lowest = Math.min(...(map as Tensor).data)
    const inside = rows.map((row, y) =>
      row.map((value, x) => (value > lowest ? `${y},${x}` : '')).filter((place) => place !== ''),
    )
    const places = inside.flat().map((place) => place.split(',').map(Number) as [number, number])
    expect(places.every(([y, x]) => y >= 8 && y < 24 && x >= 8 && x < 24 && (y >= 12 || x >= 12))).toBe(true)
    expect(places.length).toBeGreaterThan(16 * 16 - 4 * 4 - 3)
    inspector.dispose()
  })

  test('evaluate takes them too', async () => {
    const { data, detector, imageSize } = spec()
    const backbones = [{ name: 'mini', weights: mini.backbone }]
    const looked = { data, detector, imageSize, backbones, region: file('middle.json') }
    const { runs } = await evaluate({ ...looked, output: file('evaluated') })
    expect(runs[0]?.results.overall.images).toBeGreaterThan(0)
  })

  test.each([
    ['two.json', /^spec\.region .*two\.json/],
    ['broken.json', /^spec\.region .*broken\.json: not JSON/],
    ['absent.json', /^spec\.region: a readable file, got .*absent\.json/],
    ['absent.png', /^spec\.region .*absent\.png.*does not exist/],
  ])('%s is refused by name', async (name, message) => {
    await expect(fit({ ...spec(), region: file(name) })).rejects.toThrow(message)
  })

  test('a mask of another size than the photographs is refused', async () => {
    await writeMask(file('small.png'), tensorOf('uint8', [32, 32], new Uint8Array(1024).fill(1)))
    await expect(fit({ ...spec(), ignore: file('small.png') })).rejects.toThrow(
      'spec.ignore: a mask of the size of the images, 64 x 64, got 32 x 32',
    )
  })
})

describe('the part alone', () => {
  let mini: Miniature
  beforeAll(async () => {
    mini = await miniature()
  })
  afterAll(() => rm(mini.folder, { recursive: true }))

  test('an inspector of pixels alone, as in a page, looks at it too, and so does its file', async () => {
    const engine = () => ({ extractor: redExtractor(), backend: referenceBackend() })
    const images = [square(2, 3), square(6, 12), square(4, 17)]
    const method = { method: 'patchcore', layers: ['pixels'], coresetRatio: 1, sigma: 0 } as const
    const preparation = { size: [12, 24], foreground: true } as const
    const fitted = await fitInspector({ ...engine(), method, images, preparation })
    const opened = await openAnywhere({ ...engine(), detector: await fitted.save() })
    const ground = square(5, 8)
    const lit = tensor(
      ground.shape,
      ground.data.map((value) => (value === 0 ? 0.1 : value)),
    )
    for (const inspector of [fitted, opened]) {
      expect([(await inspector.inspect(ground)).score, (await inspector.inspect(lit)).score]).toEqual([0, 0])
      const fainter = tensor(
        ground.shape,
        ground.data.map((value) => value * 0.8),
      )
      expect((await inspector.inspect(fainter)).score).toBeGreaterThan(0.05)
    }
  })

  test('a fit, its file and its inspector look at it, whatever lies beside it; a texture is looked at as a whole, and said so', async () => {
    const good = join(mini.data, 'train/good')
    const names = (await readdir(good)).sort()
    /** The washers with another ground: what `foregroundMask` takes for ground is made a little darker. */
    const other = join(mini.folder, 'other-ground')
    await mkdir(other)
    for (const name of names) {
      const image = await readImage(join(good, name))
      const { data: part } = foregroundMask(image)
      const data = image.data.map((value, at) => (part[Math.floor(at / 3)] ? value : Math.max(0, value - 13 / 255)))
      const changed = tensor(image.shape, data)
      expect(foregroundMask(changed).data).toEqual(part)
      await writeImage(join(other, name), changed)
    }
    const notes: string[] = []
    const spec: Omit<FitSpec, 'output'> = {
      ...{
        data: good,
        backbone: mini.backbone,
        imageSize: [64, 64],
        suspects: 'skip',
        calibrate: false,
        foreground: true,
      },
      detector: { method: 'patchcore', coresetRatio: 0.2 },
    }
    const onNote = (note: string): void => void notes.push(note)
    await fit({ ...spec, output: join(mini.folder, 'one.safetensors') }, { onNote })
    await fit({ ...spec, data: other, output: join(mini.folder, 'two.safetensors') }, { onNote })
    expect(notes).toEqual([])
    const [one, two, whole] = await Promise.all(
      ['one', 'two', 'whole'].map(async (name) => {
        const output = join(mini.folder, `${name}.safetensors`)
        if (name === 'whole') await fit({ ...spec, foreground: undefined, output })
        return openInspector({ model: output })
      }),
    )
    const file = join(good, names[0] as string)
    const inspected = await Promise.all([one, two].map((inspector) => inspector?.inspect(file)))
    expect(inspected[1]?.score).toBe(inspected[0]?.score)
    expect((await one?.inspect(join(other, names[0] as string)))?.score).toBe(inspected[0]?.score)
    expect((await whole?.inspect(join(other, names[0] as string)))?.score).not.toBe((await whole?.inspect(file))?.score)
    for (const inspector of [one, two, whole]) inspector?.dispose()

    const fabric = join(mini.folder, 'fabric')
    await writeSyntheticDataset(fabric, { part: 'fabric', size: [64, 64], seed: 1, train: 2, good: 1, perDefect: 1 })
    await fit({ ...spec, data: fabric, output: join(mini.folder, 'fabric.safetensors') }, { onNote })
    expect(notes).toEqual([
      expect.stringMatching(/^spec\.foreground: no part on a ground of one colour is found in .*000\.png/),
    ])
  })
})
