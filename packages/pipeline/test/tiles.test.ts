import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readDetectorHeader } from '@tab/adapters'
import { referenceBackend, tensor, type Tensor } from '@tab/core'
import { fitInspector, openInspector as openAnywhere, parseSpec, TILES_SPEC, type FitSpec } from '@tab/pipeline'
import { evaluate, fit, openInspector } from '@tab/pipeline/node'
import { redExtractor } from './inspect/red-extractor.ts'
import { miniature, type Miniature } from './miniature.ts'

let mini: Miniature
let spec: FitSpec
beforeAll(async () => {
  mini = await miniature()
  spec = {
    ...{ data: mini.data, backbone: mini.backbone, output: join(mini.folder, 'tiled.safetensors') },
    ...{ detector: { method: 'patchcore', coresetRatio: 0.05 }, tiles: { size: [32, 32], overlap: 8 } },
  }
})
afterAll(() => rm(mini.folder, { recursive: true }))

describe('tasks on tiles', () => {
  test('fit takes images at their size, and its file opens to judge whole images', async () => {
    const result = await fit(spec)
    expect(result).toMatchObject({ suspects: null, unchecked: 'which takes long with spec.tiles' })
    const { preparation, method, options, notes } = readDetectorHeader(await readFile(spec.output))
    expect({ preparation, method }).toEqual({ preparation: { size: [64, 64], filter: 'bilinear' }, method: 'tiled' })
    expect(options).toMatchObject({ image: [64, 64], size: [32, 32], tops: [0, 16, 32], lefts: [0, 16, 32] })
    expect(notes['layers']).toEqual(['layer2', 'layer3'])
    const inspector = await openInspector({ model: spec.output })
    const { map, score, threshold } = await inspector.inspect(join(mini.data, 'test', 'dent', '000.png'))
    expect([map?.shape, threshold]).toEqual([[64, 64], result.threshold])
    expect(score).toBeGreaterThan(0)
    inspector.dispose()
  })

  test('evaluate compares maps of whole images with masks, and records the tiles', async () => {
    const { data, detector, tiles } = spec
    const backbones = [{ name: 'mini', weights: mini.backbone }]
    const { runs } = await evaluate({ data, detector, tiles, backbones, output: join(mini.folder, 'evaluated') })
    const run = runs[0]?.results.run
    expect([run?.resolution, run?.options['tiles']]).toEqual([[64, 64], '32 x 32 px, overlap 8 px'])
  })

  test('tiles larger than the images name their field, before anything is fitted', async () => {
    const large = { ...spec, output: join(mini.folder, 'none.safetensors'), tiles: { size: [65, 64] } as const }
    await expect(fit(large)).rejects.toThrow(
      /^spec\.tiles: tiles\.size must be at most the size of the image, got 65 x 64 for 64 x 64 pixels$/,
    )
  })

  test.each([
    ['a side', { size: 48 }, { size: [48, 48] }],
    ['a grid', { grid: [2, 3], overlap: 4 }, { grid: [2, 3], overlap: 4 }],
  ])('a spec by %s', (_, given, parsed) => expect(parseSpec(TILES_SPEC, given)).toEqual(parsed))

  test.each([{ size: 48, grid: [2, 2] }, { grid: 2 }, { overlap: 8 }, { size: [8, 8] }, { size: 48, overlap: -1 }])(
    '%j is no spec',
    (given) => expect(() => parseSpec(TILES_SPEC, given)).toThrow(/^spec/),
  )
})

/** An image of one red, with a square of another. */
function square(top: number, left: number, side = 3, [height, width] = [12, 30], ground = 0, red = 0.9): Tensor {
  const data = new Float32Array(height * width * 3)
  for (let at = 0; at < data.length; at += 3) data[at] = ground
  for (let y = top; y < top + side; y++) for (let x = left; x < left + side; x++) data[(y * width + x) * 3] = red
  return tensor([height, width, 3], data)
}

describe('an inspector on tiles', () => {
  const engine = () => ({ extractor: redExtractor(), backend: referenceBackend() })
  const method = { method: 'patchcore', layers: ['pixels'], coresetSize: 1, sigma: 0 } as const
  const fitted = () =>
    fitInspector({
      ...engine(),
      method,
      images: Array.from({ length: 5 }, () => square(0, 0, 0)),
      preparation: { tiles: { size: [12, 12], overlap: 3 } },
    })

  test('regions are in the pixels of the whole image, also across two tiles', async () => {
    const inspector = await fitted()
    expect(inspector.preparation).toEqual({ size: [12, 30] })
    for (const left of [3, 9, 10, 18]) {
      const { verdict, score, regions } = await inspector.inspect(square(5, left))
      expect({ verdict, score: Math.round(100 * (score as number)) }).toEqual({ verdict: 'anomalous', score: 90 })
      expect(regions).toMatchObject([{ box: { x: left - 1, y: 4, width: 5, height: 5 }, area: 25 }])
    }
    inspector.dispose()
  })

  test('its file opens anywhere, and scores as before', async () => {
    const inspector = await fitted()
    const opened = await openAnywhere({ ...engine(), detector: await inspector.save() })
    const [left, right] = [await inspector.inspect(square(2, 7)), await opened.inspect(square(2, 7))]
    expect(right).toEqual(left)
    opened.dispose()
    inspector.dispose()
  })

  test('images are read for every fit, and not kept', async () => {
    const read: number[] = []
    const images = [0, 1, 2].map((index) => ({ index }))
    const { goodSource } = await import('../src/fit/good-source.ts')
    const { held, preparation } = await goodSource(
      'test',
      images,
      { read: async ({ index }) => (read.push(index), square(index, index)) },
      { tiles: { size: [12, 12] } },
      {},
    )
    for await (const { shape } of held.batches([2, 0])) expect(shape).toEqual([1, 12, 30, 3])
    for await (const batch of held.batches([2])) expect(batch.data).toEqual(square(2, 2).data)
    expect([read, preparation]).toEqual([[0, 2, 0, 2], { size: [12, 30] }])
  })
})

describe('why a region is one', () => {
  const engine = () => ({ extractor: redExtractor(), backend: referenceBackend() })
  const method = { method: 'patchcore', layers: ['pixels'], coresetRatio: 1, sigma: 0 } as const

  test.each([
    ['whole images', {}],
    ['tiles', { tiles: { size: [12, 12], overlap: 3 } } as const],
  ])('the nearest patch among %s is named by image and place, also by the opened file', async (_, more) => {
    // Good parts of growing brightness, the brightest with a square that is brighter still.
    const images = [0, 1, 2, 3, 4].map((level) =>
      square(4, 20, 3, [12, 30], level / 20, level === 4 ? 0.25 : level / 20),
    )
    const inspector = await fitInspector({ ...engine(), method, images, preparation: { size: [12, 30], ...more } })
    const opened = await openAnywhere({
      ...engine(),
      detector: await inspector.save({ goodImages: ['a', 'b', 'c', 'd', 'e'] }),
    })
    const bright = square(2, 6, 3, [12, 30], 0.2)
    const [region] = (await opened.inspect(bright)).regions
    expect(region?.nearest).toEqual({ image: 4, name: 'e', at: { x: 21, y: 5 } })
    expect((await inspector.inspect(bright)).regions[0]?.nearest).toEqual({ image: 4, at: { x: 21, y: 5 } })
    opened.dispose()
    inspector.dispose()
  })

  test('is in the pixels of the photograph, and its file is noted by fit', async () => {
    await fit({
      ...spec,
      output: join(mini.folder, 'why.safetensors'),
      imageSize: [32, 32],
      tiles: undefined,
      suspects: 'skip',
    })
    const inspector = await openInspector({ model: join(mini.folder, 'why.safetensors') })
    const { regions } = await inspector.inspect(tensor([64, 64, 3], new Float32Array(64 * 64 * 3).fill(1)))
    for (const { nearest } of regions) {
      expect(nearest?.name).toMatch(/washers\/train\/good\/00\d\.png$/)
      expect(nearest?.at.x).toBeLessThan(64)
    }
    expect(regions.length).toBeGreaterThan(0)
    inspector.dispose()
  })
})
