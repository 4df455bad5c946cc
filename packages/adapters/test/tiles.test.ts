import { describe, expect, test } from '@jest/globals'
import { calibrateThreshold, loadDetector, patchCore, saveDetector, tiled, type TileOptions } from '@tab/adapters'
import { onnxExtractor } from '@tab/backend-onnx'
import { createRng, referenceBackend, tensor, type DetectorRecipe, type Tensor } from '@tab/core'
import { describeDetector, randomTensor } from '@tab/core/testing'
import { createBackbone, exportOnnx } from '@tab/model'
import fc from 'fast-check'
import * as ort from 'onnxruntime-node'
import { planTiles } from '../src/tiles/plan-tiles.ts'
import { tileBlend } from '../src/tiles/blend-tiles.ts'
import { brightness } from './brightness-detector.ts'
import { tinyExtractor } from './tiny-extractor.ts'

const onTiny = (sigma = 2) =>
  patchCore({ extractor: tinyExtractor(), backend: referenceBackend(), coresetRatio: 0.5, sigma })

describeDetector('PatchCore on tiles of 32 with an overlap of 8', {
  create: () => tiled(onTiny(), { size: [32, 32], overlap: 8 }),
  runner: { describe, test },
})
describeDetector('PatchCore on a grid of 2 x 3 tiles', {
  create: () => tiled(onTiny(), { grid: [2, 3] }),
  runner: { describe, test },
  size: [64, 96],
})

const sides = fc.record({ side: fc.integer({ min: 1, max: 90 }), length: fc.integer({ min: 1, max: 90 }) })
const layouts = fc
  .tuple(sides, sides, fc.nat(45))
  .filter(([down, across]) => down.length <= down.side && across.length <= across.side)
  .map(([down, across, overlap]) => ({
    image: [down.side, across.side] as const,
    tiles: {
      size: [down.length, across.length] as const,
      overlap: overlap % (1 + Math.floor(Math.min(down.length, across.length) / 2)),
    },
  }))

describe('the layout of tiles', () => {
  test('tiles of 40 with an overlap of 8 or more over 100 pixels begin at 0, 30 and 60', () => {
    expect(planTiles('t', [40, 100], { size: [40, 40], overlap: 8 })).toEqual({
      size: [40, 40],
      tops: [0],
      lefts: [0, 30, 60],
    })
  })

  test('a grid of 2 x 3 with an overlap of 10 has tiles of 55 x 40 in 100 x 100 pixels', () => {
    expect(planTiles('t', [100, 100], { grid: [2, 3], overlap: 10 })).toEqual({
      size: [55, 40],
      tops: [0, 45],
      lefts: [0, 30, 60],
    })
  })

  test('any tiles cover the image from border to border, and neighbours have the overlap in common', () => {
    fc.assert(
      fc.property(layouts, ({ image, tiles }) => {
        const { tops, lefts } = planTiles('t', image, tiles)
        for (const [starts, axis] of [
          [tops, 0],
          [lefts, 1],
        ] as const) {
          expect(starts[0]).toBe(0)
          expect((starts.at(-1) as number) + tiles.size[axis]).toBe(image[axis])
          for (let i = 1; i < starts.length; i++) {
            const common = (starts[i - 1] as number) + tiles.size[axis] - (starts[i] as number)
            expect(common).toBeGreaterThanOrEqual(tiles.overlap - 1) // starts are whole pixels
          }
        }
      }),
    )
  })

  test('where two tiles overlap, weights fall linearly to the edge of each', () => {
    const tiling = { size: [1, 4], tops: [0], lefts: [0, 2] } as const
    const map = new Float32Array(6)
    tileBlend([1, 6], tiling).add(Float32Array.of(1, 1, 1, 1), { row: 0, column: 1, top: 0, left: 2 }, map)
    expect([...map]).toEqual([0, 0, 0.25, 0.75, 1, 1])
  })

  test('weights add up to 1 at every pixel: maps of ones give a map of ones', () => {
    fc.assert(
      fc.property(layouts, ({ image, tiles }) => {
        const tiling = planTiles('t', image, tiles)
        const map = new Float32Array(image[0] * image[1])
        const ones = new Float32Array(tiles.size[0] * tiles.size[1]).fill(1)
        const blend = tileBlend(image, tiling)
        tiling.tops.forEach((top, row) =>
          tiling.lefts.forEach((left, column) => blend.add(ones, { row, column, top, left }, map)),
        )
        expect(Math.max(...map.map((value) => Math.abs(value - 1)))).toBeLessThan(1e-5)
      }),
      { numRuns: 20 },
    )
  })

  test.each([
    [
      'tiles larger than the image',
      { size: [65, 64] },
      'tiled.fit: tiles.size must be at most the size of the image, got 65 x 64 for 64 x 64 pixels',
    ],
    ['more rows than pixels', { grid: [65, 1] }, 'tiles.grid must be at most the size of the image'],
    ['an overlap of more than half of a tile', { size: [32, 32], overlap: 17 }, 'tiles.overlap'],
    ['a tile without pixels', { size: [0, 32] }, 'tiles.size'],
  ])('%s are refused', async (_, tiles, message) => {
    const fitting = tiled(onTiny(), tiles as unknown as TileOptions).fit([
      tensor([1, 64, 64, 3], new Float32Array(64 * 64 * 3)),
    ])
    await expect(fitting).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) })
  })
})

/** Images of one row of red levels. */
const row = (...levels: number[]): Tensor =>
  tensor([1, 1, levels.length, 3], Float32Array.from(levels.flatMap((level) => [0.5 + level / 1024, 0, 0])))

describe('scores and maps', () => {
  test('one bank for all places: a mean over the pixels of all tiles, those in two counted twice', async () => {
    const detector = await tiled(brightness(), { size: [1, 4], overlap: 2 }).fit([row(0, 0, 6, 6, 0, 0)])
    expect((detector.state().options['members'] as { options: object }[])[0]?.options).toEqual({ mean: 3 })
  })

  test('an image scores as its highest tile, and its map is that of the tiles', async () => {
    const detector = await tiled(brightness(), { size: [1, 4], overlap: 2 }).fit([row(0, 0, 0, 0, 0, 0)])
    const { scores, maps } = await detector.predict(row(1, 2, 3, 4, 5, 6))
    expect([...scores.data]).toEqual([6])
    expect([...maps.data].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('maps of another size than the tiles are refused', async () => {
    const recipe = patchCore({ extractor: tinyExtractor(), backend: referenceBackend(), mapSize: 'grid' })
    const images = randomTensor('i', [1, 64, 64, 3], 0, 1)
    const detector = await tiled(recipe, { size: [32, 32] }).fit([images])
    await expect(detector.predict(images)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: "tiled.predict: maps must have the size of a tile, 32 x 32 (mapSize: 'input'), got 4 x 4",
    })
  })

  test('a detector file restores it: bit for bit the same scores, and thresholds of whole images', async () => {
    const parts = { extractor: tinyExtractor(), backend: referenceBackend() }
    const normals = randomTensor('n', [12, 64, 96, 3], 0.4, 0.6)
    const detector = await tiled(patchCore(parts), { size: [32, 48] }).fit([normals])
    const calibration = await calibrateThreshold(detector, [normals], { falsePositiveRate: 0.1 })
    const loaded = await loadDetector(await saveDetector(detector, { calibration }), parts)
    const images = randomTensor('new', [2, 64, 96, 3], 0, 1)
    const [left, right] = [await detector.predict(images), await loaded.detector.predict(images)]
    expect(right.maps.data).toEqual(left.maps.data)
    expect(loaded.calibration?.scores).toHaveLength(12)
    expect(right.scores.data[0]).toBeGreaterThan(loaded.calibration?.threshold as number)
  })

  test('a state whose tiles leave a gap is refused', async () => {
    const recipe = tiled(onTiny(), { size: [32, 32], overlap: 8 })
    const state = (await recipe.fit([randomTensor('n', [1, 64, 96, 3], 0, 1)])).state()
    const having = (lefts: number[]) => recipe.restore({ ...state, options: { ...state.options, lefts } })
    await expect(having([0, 32, 64])).resolves.toBeDefined()
    await expect(having([0, 64])).rejects.toMatchObject({ code: 'INVALID_DATA' })
    await expect(having([0, 32])).rejects.toMatchObject({ code: 'INVALID_DATA' })
    await expect(having([32, 64])).rejects.toMatchObject({ code: 'INVALID_DATA' })
  })
})

/** Smooth noise of whole image size, as a surface has it. */
function surface(height: number, width: number): Float32Array {
  const rng = createRng('surface')
  const coarse = Array.from({ length: 64 * 64 }, () => rng())
  const at = (y: number, x: number): number => coarse[(y % 64) * 64 + (x % 64)] as number
  const data = new Float32Array(height * width * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [v, u] = [y / 6, x / 6]
      const [top, left] = [Math.floor(v), Math.floor(u)]
      const [down, across] = [v - top, u - left]
      const value =
        (1 - down) * ((1 - across) * at(top, left) + across * at(top, left + 1)) +
        down * ((1 - across) * at(top + 1, left) + across * at(top + 1, left + 1))
      data.fill(0.3 + 0.4 * value, (y * width + x) * 3, (y * width + x) * 3 + 3)
    }
  }
  return data
}

const [HEIGHT, WIDTH, TILE] = [192, 192, 64]
const WHOLE = surface(HEIGHT + TILE, WIDTH + TILE)

/** A part of the surface. */
function cut(top: number, left: number): Tensor {
  const data = new Float32Array(HEIGHT * WIDTH * 3)
  for (let y = 0; y < HEIGHT; y++) {
    const from = ((top + y) * (WIDTH + TILE) + left) * 3
    data.set(WHOLE.subarray(from, from + WIDTH * 3), y * WIDTH * 3)
  }
  return tensor([1, HEIGHT, WIDTH, 3], data)
}

describe('seams', () => {
  test('the map of an image and that of the image shifted by half a tile agree away from the borders', async () => {
    const model = exportOnnx(createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer2' }), {
      layers: ['layer1', 'layer2'],
    })
    const extractor = await onnxExtractor({ ort, model })
    const inner: DetectorRecipe = patchCore({
      extractor,
      backend: referenceBackend(),
      layers: ['layer1', 'layer2'],
      coresetSize: 60,
    })
    const differences = async (overlap: number): Promise<{ mean: number; most: number }> => {
      const detector = await tiled(inner, { size: [TILE, TILE], overlap }).fit([cut(0, 0)])
      const [one, other] = [await detector.predict(cut(0, 0)), await detector.predict(cut(TILE / 2, TILE / 2))]
      const half = TILE / 2
      let [sum, most, count, level] = [0, 0, 0, 0]
      for (let y = TILE; y < HEIGHT - half; y++) {
        for (let x = TILE; x < WIDTH - half; x++) {
          const value = one.maps.data[y * WIDTH + x] as number
          const difference = Math.abs(value - (other.maps.data[(y - half) * WIDTH + x - half] as number))
          sum += difference
          level += value
          count++
          most = Math.max(most, difference)
        }
      }
      return { mean: sum / level, most: (most * count) / level }
    }
    const [blended, cutOnly] = [await differences(16), await differences(0)]
    // Measured: 0.12 of the mean level, 0.21 without overlap. What is left is the padding of the network, whose field of view is wider than these tiles.
    expect(blended.mean).toBeLessThan(0.15)
    expect(cutOnly.mean).toBeGreaterThan(1.5 * blended.mean)
    expect(cutOnly.most).toBeGreaterThan(1.5 * blended.most)
    extractor.dispose()
  })
})
