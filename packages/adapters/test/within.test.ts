import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import {
  calibrateThreshold,
  loadDetector,
  padim,
  patchCore,
  saveDetector,
  tiled,
  within,
  withinForeground,
} from '@tab/adapters'
import { referenceBackend, tensor, tensorOf, type DetectorRecipe, type Tensor } from '@tab/core'
import { describeDetector, randomTensor } from '@tab/core/testing'
import fc from 'fast-check'
import { tinyExtractor } from './tiny-extractor.ts'

const parts = { extractor: tinyExtractor(), backend: referenceBackend() }
const [HEIGHT, WIDTH] = [64, 96]

/** A mask of a rectangle. */
function rectangle(top: number, left: number, height: number, width: number, [rows, columns] = [HEIGHT, WIDTH]) {
  const data = new Uint8Array(rows * columns)
  for (let y = top; y < top + height; y++) data.fill(1, y * columns + left, y * columns + left + width)
  return tensorOf('uint8', [rows, columns], data)
}

/** Images with everything outside of a mask replaced by noise. */
function spoiledOutside(images: Tensor, mask: Tensor<'uint8'>, seed: string): Tensor {
  const noise = randomTensor(seed, images.shape, 0, 1)
  const data = images.data.map((value, at) =>
    mask.data[Math.floor(at / 3) % mask.data.length] ? value : (noise.data[at] as number),
  )
  return tensor(images.shape, data)
}

describeDetector('PatchCore within the middle of images', {
  create: () => within(patchCore({ ...parts, coresetRatio: 0.5, sigma: 2 }), rectangle(8, 8, 48, 48, [64, 64])),
  runner: { describe, test },
})

const RECIPES: readonly (readonly [string, DetectorRecipe])[] = [
  ['PatchCore', patchCore({ ...parts, coresetRatio: 0.3 })],
  ['PatchCore with reweighting', patchCore({ ...parts, coresetRatio: 0.3, reweighting: 3 })],
  ['PaDiM', padim({ ...parts, dimensions: 5 })],
  ['PatchCore on tiles', tiled(patchCore({ ...parts, coresetRatio: 0.3 }), { size: [32, 32], overlap: 8 })],
]

describe('where to look', () => {
  test.each(RECIPES)('%s: no pixel outside changes a detector, a score or a map', async (_, recipe) => {
    const mask = rectangle(13, 22, 30, 41)
    const [normals, tested] = [
      randomTensor('n', [4, HEIGHT, WIDTH, 3], 0, 1),
      randomTensor('t', [2, HEIGHT, WIDTH, 3], 0, 1),
    ]
    const one = await within(recipe, mask).fit([normals])
    const other = await within(recipe, mask).fit([spoiledOutside(normals, mask, 'a')])
    expect(isDeepStrictEqual(other.state(), one.state())).toBe(true) // told quickly, not by what they differ in
    const [left, right] = [await one.predict(tested), await one.predict(spoiledOutside(tested, mask, 'b'))]
    expect(isDeepStrictEqual(right, left)).toBe(true)
    const whole = await recipe.fit([normals])
    expect((await whole.predict(tested)).scores.data).not.toEqual(left.scores.data)
  })

  test.each(RECIPES)(
    '%s: a defect inside raises the score, and the map outside is as low as its lowest inside',
    async (_, recipe) => {
      const mask = rectangle(8, 16, 40, 48)
      const detector = await within(recipe, mask).fit([randomTensor('n', [4, HEIGHT, WIDTH, 3], 0.45, 0.55)])
      const good = randomTensor('t', [1, HEIGHT, WIDTH, 3], 0.45, 0.55)
      const data = good.data.slice()
      for (let y = 20; y < 36; y++) data.fill(1, (y * WIDTH + 24) * 3, (y * WIDTH + 40) * 3)
      const [before, after] = [await detector.predict(good), await detector.predict(tensor(good.shape, data))]
      expect(after.scores.data[0]).toBeGreaterThan(1.5 * (before.scores.data[0] as number))
      const [inside, outside]: [number[], number[]] = [[], []]
      after.maps.data.forEach((value, at) => (mask.data[at] ? inside : outside).push(value))
      expect(new Set(outside)).toEqual(new Set([Math.min(...inside)]))
    },
  )

  test('patches without a pixel inside enter no bank, and one with a single pixel does', async () => {
    const mask = rectangle(0, 0, 16, 17) // of cells of 8 pixels: 2 x 2, and the first pixel column of two more
    const detector = await within(patchCore({ ...parts, coresetRatio: 1 }), mask).fit([
      randomTensor('n', [1, HEIGHT, WIDTH, 3], 0, 1),
    ])
    expect(detector.state().tensors['0/bank']?.shape[0]).toBe(6)
  })

  test('tiles that hold nothing inside are neither fitted on nor scored', async () => {
    let seen = 0
    const counting = {
      ...parts.extractor,
      extract: (images: Tensor, layers: readonly string[]) => (
        (seen += images.shape[0] as number),
        parts.extractor.extract(images, layers)
      ),
    }
    const recipe = tiled(patchCore({ ...parts, extractor: counting }), { size: [32, 32], overlap: 0 })
    const images = randomTensor('n', [1, HEIGHT, WIDTH, 3], 0, 1)
    const detector = await within(recipe, rectangle(0, 0, 32, 33)).fit([images])
    await detector.predict(images)
    expect(seen).toBe(4) // two of six tiles, twice
  })

  test('the pixel threshold is of the pixels inside', async () => {
    const mask = rectangle(0, 0, 16, 16)
    const detector = await within(patchCore({ ...parts, sigma: 0 }), mask).fit([
      randomTensor('n', [2, HEIGHT, WIDTH, 3], 0, 1),
    ])
    const held = randomTensor('h', [9, HEIGHT, WIDTH, 3], 0, 1)
    const { pixelThreshold } = await calibrateThreshold(detector, [held], { falsePositiveRate: 0.2 })
    const { maps } = await detector.predict(held)
    const inside = [...maps.data].filter((_, at) => mask.data[at % mask.data.length])
    const above = inside.filter((value) => value > pixelThreshold).length / inside.length
    expect(above).toBeLessThanOrEqual((0.2 * 10 - 1) / 9)
    expect(above).toBeGreaterThan(0.05)
  })

  test('its file keeps the mask', async () => {
    const mask = rectangle(10, 10, 20, 30)
    const detector = await within(tiled(patchCore(parts), { size: [32, 32] }), mask).fit([
      randomTensor('n', [2, HEIGHT, WIDTH, 3], 0, 1),
    ])
    const { detector: loaded } = await loadDetector(await saveDetector(detector), parts)
    const images = randomTensor('t', [2, HEIGHT, WIDTH, 3], 0, 1)
    expect(await loaded.predict(images)).toEqual(await detector.predict(images))
  })

  test('any mask that marks a pixel can be fitted on, whatever its form', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 256, maxLength: 256, max: 1 }), async (marks) => {
        fc.pre(marks.includes(1))
        const mask = tensorOf('uint8', [16, 16], marks)
        const images = randomTensor('n', [2, 16, 16, 3], 0, 1)
        const detector = await within(patchCore({ ...parts, coresetRatio: 1, sigma: 0 }), mask).fit([images])
        const { scores } = await detector.predict(images)
        expect(Math.max(...scores.data)).toBeLessThan(1e-3)
      }),
      { numRuns: 30 },
    )
  })

  test('an empty region, and images of another size than the mask, are refused', async () => {
    const empty = tensorOf('uint8', [HEIGHT, WIDTH], new Uint8Array(HEIGHT * WIDTH))
    expect(() => within(patchCore(parts), empty)).toThrow('within: a region with pixels to look at, got none')
    const fitting = within(patchCore(parts), rectangle(0, 0, 8, 8)).fit([randomTensor('n', [1, 64, 64, 3], 0, 1)])
    await expect(fitting).rejects.toThrow('within.fit: images and maps of the size of the mask, 64 x 96, got 64 x 64')
  })
})

describe('the part alone', () => {
  /** A part is brighter than its ground. */
  const bright = ({ shape, data }: Tensor): Tensor<'uint8'> =>
    tensorOf(
      'uint8',
      shape.slice(0, 2),
      Uint8Array.from({ length: data.length / 3 }, (_, pixel) => ((data[pixel * 3] as number) >= 0.5 ? 1 : 0)),
    )
  const boxes = [
    [8, 16],
    [20, 40],
    [24, 8],
  ] as const

  /** Images with a part of 32 x 40 pixels, each at another place, on a ground below 0.5. */
  function images(seed: string, ground: string): { pixels: Tensor; masks: Uint8Array } {
    const shape = [boxes.length, HEIGHT, WIDTH, 3]
    const [part, other] = [randomTensor(seed, shape, 0.6, 0.9), randomTensor(ground, shape, 0, 0.4)]
    const masks = new Uint8Array(boxes.length * HEIGHT * WIDTH)
    boxes.forEach(([top, left], image) => {
      for (let y = top; y < top + 32; y++) {
        const start = (image * HEIGHT + y) * WIDTH + left
        masks.fill(1, start, start + 40)
      }
    })
    const data = part.data.map((value, at) => (masks[Math.floor(at / 3)] ? value : (other.data[at] as number)))
    return { pixels: tensor(shape, data), masks }
  }

  test.each(RECIPES)(
    '%s: nothing beside it changes a detector, a score or a map, wherever it lies',
    async (name, recipe) => {
      const alone = withinForeground(recipe, bright)
      const one = await alone.fit([images('n', 'a').pixels])
      const other = await alone.fit([images('n', 'b').pixels])
      expect(isDeepStrictEqual(other.state(), one.state())).toBe(true)
      const [left, right] = [await one.predict(images('t', 'c').pixels), await one.predict(images('t', 'd').pixels)]
      expect(isDeepStrictEqual(right, left)).toBe(true)
      const { masks } = images('t', 'c')
      const area = HEIGHT * WIDTH
      boxes.forEach((_box, image) => {
        const [inside, outside]: [number[], number[]] = [[], []]
        left.maps.data
          .subarray(image * area, (image + 1) * area)
          .forEach((value, at) => (masks[image * area + at] ? inside : outside).push(value))
        expect(new Set(outside)).toEqual(new Set([Math.min(...inside)]))
      })
      const spoiled = images('t', 'c').pixels.data.slice()
      for (let y = 16; y < 32; y++) spoiled.fill(0.55, (y * WIDTH + 24) * 3, (y * WIDTH + 48) * 3)
      const { scores } = await one.predict(tensor([3, HEIGHT, WIDTH, 3], spoiled))
      const raised = (scores.data[0] as number) - (left.scores.data[0] as number)
      // PaDiM compares by place, and no two of the parts lie in one.
      expect(name === 'PaDiM' ? Math.abs(raised) : raised).toBeGreaterThan(0)
      expect(scores.data[1]).toBe(left.scores.data[1])
    },
  )

  test('only patches of the part enter the bank', async () => {
    const { pixels } = images('n', 'a')
    const detector = await withinForeground(patchCore({ ...parts, coresetRatio: 1 }), bright).fit([pixels])
    // Cells of 8 pixels: 4 x 5 of the first part; the others are not on the grid, and touch 5 x 5 and 4 x 5 of them.
    expect(detector.state().tensors['0/bank']?.shape[0]).toBe(20 + 25 + 20)
  })

  test('an image without a part is looked at as a whole, and so is the region that a part lies outside of', async () => {
    const region = rectangle(0, 0, 16, 96)
    const { pixels } = images('n', 'a')
    const detector = await withinForeground(within(patchCore({ ...parts, coresetRatio: 1 }), region), bright).fit([
      pixels,
    ])
    const empty = await detector.predict(randomTensor('e', [1, HEIGHT, WIDTH, 3], 0, 0.4))
    const { scores } = await detector.predict(pixels)
    expect(empty.scores.data[0]).toBeGreaterThan(2 * Math.max(...scores.data) + 0.1)
    // Two rows of cells of the first part are in the region, of the others none: they are looked at in all of it.
    expect(detector.state().tensors['0/0/bank']?.shape[0]).toBe(5 + 24 + 24)
  })

  test('its file opens with the same way to find the part, and not without', async () => {
    const { pixels } = images('n', 'a')
    const detector = await withinForeground(tiled(patchCore(parts), { size: [32, 32] }), bright).fit([pixels])
    const file = await saveDetector(detector)
    const { detector: loaded } = await loadDetector(file, { ...parts, foreground: bright })
    const others = images('t', 'c').pixels
    expect(await loaded.predict(others)).toEqual(await detector.predict(others))
    await expect(loadDetector(file, parts)).rejects.toThrow(
      'loadDetector: foreground, as the detector looks at the part alone',
    )
    const narrow = () => tensorOf('uint8', [2, 2], new Uint8Array(4))
    await expect(withinForeground(patchCore(parts), narrow).fit([pixels])).rejects.toThrow(
      /withinForeground\.fit: the foreground must be uint8 \[64,96\]/,
    )
  })
})
