import { describe, expect, test } from '@jest/globals'
import { createRng, tensor } from '@tab/core'
import * as data from '@tab/data'
import { writeImage } from '@tab/data/node'
import * as synth from '@tab/synth'
import fc from 'fast-check'
import { extremeImage, extremeImages } from './extreme-image.ts'
import { NO_PIXELS, PIXEL_MAKERS, rngOf } from './pixel-makers.ts'

/** The first value outside [0,1], and where. */
function outside(values: ArrayLike<number>): string | undefined {
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number
    if (!(value >= 0 && value <= 1)) return `${value} at element ${at}`
  }
  return undefined
}

describe('pixels stay in [0,1]', () => {
  test('the table holds every function of @tab/data and @tab/synth, as one that makes pixels or one that does not', () => {
    const exported = Object.entries({ ...data, ...synth }).filter(([, value]) => typeof value === 'function')
    const known = new Set([...Object.keys(PIXEL_MAKERS), ...NO_PIXELS])
    expect(exported.map(([name]) => name).filter((name) => !known.has(name))).toEqual([])
  })

  test.each(Object.entries(PIXEL_MAKERS))('%s', async (name, { make, smallest = 1, runs = 40 }) => {
    await fc.assert(
      fc.asyncProperty(extremeImages(smallest), async ({ image, seed, what }) => {
        const before = outside(await make(image, rngOf(name, seed)))
        expect({ what, outside: before }).toEqual({ what, outside: undefined })
      }),
      { numRuns: runs },
    )
  })

  test('white stays white and black black, whatever the sizes', () => {
    for (const filter of ['bilinear', 'lanczos'] as const) {
      for (let side = 1; side < 40; side++) {
        const white = data.resizeImage(extremeImage('white', side, 47 - side, 0), [64, side], filter)
        expect(Math.min(...white.data)).toBeGreaterThan(1 - 1e-6)
        const black = data.resizeImage(extremeImage('black', side, 47 - side, 0), [64, side], filter)
        expect(Math.max(...black.data)).toBe(0)
      }
    }
  })
})

describe('pixels outside [0,1] are refused', () => {
  const bytes = tensor([40, 40, 3], new Float32Array(4800).fill(200))
  const past = tensor([40, 40, 3], new Float32Array(4800).fill(1 + 2 ** -23)) // the first float32 after 1
  const nan = tensor([40, 40, 3], new Float32Array(4800).fill(0.5).fill(NaN, 4799))
  const fine = extremeImage('random', 40, 40, 1)
  const patch = (image: typeof bytes) => ({ height: 40, width: 40, data: image.data })
  const all = async (images: AsyncIterable<unknown>) => {
    for await (const image of images) expect(image).toBeDefined()
  }

  test.each<[string, (image: typeof bytes) => unknown]>([
    ['resizeImage', (image) => data.resizeImage(image, [20, 20])],
    ['resizeImage to its own size', (image) => data.resizeImage(image, [40, 40])],
    ['centerCrop', (image) => data.centerCrop(image, [20, 20])],
    ['applySymmetry', (image) => data.applySymmetry(image, 'rotate90')],
    ['augmentNormals', (image) => all(data.augmentNormals([image], { symmetries: [] }))],
    ['writeImage', (image) => writeImage('/nowhere/at/all.png', image)],
    ['foregroundMask', (image) => synth.foregroundMask(image)],
    ['blendPatch into it', (image) => synth.blendPatch(image.data.slice(), 40, 1, 1, patch(fine), 'source')],
    ['blendPatch of it', (image) => synth.blendPatch(fine.data.slice(), 40, 1, 1, patch(image), 'source')],
    ['poissonPatch from it', (image) => synth.poissonPatch({ sources: [fine, image] })],
    ['perlinAnomaly with it', (image) => synth.perlinAnomaly({ textures: [fine, image] })],
    ['memSegAnomaly with it', (image) => synth.memSegAnomaly({ textures: [fine, image] })],
    ['withProbability 0', (image) => synth.withProbability(0, synth.stain()).synthesize(image, createRng(1))],
    ...synth.SYNTHESIZER_KINDS.map((kind): [string, (image: typeof bytes) => unknown] => [
      kind,
      (image) => synth.synthesizerOf({ kind }).synthesize(image, createRng(1)),
    ]),
  ])('%s', async (_, act) => {
    for (const image of [bytes, past, nan]) {
      await expect((async () => act(image))()).rejects.toThrow('values must be in [0,1], got')
    }
  })
})

describe('narrow and tiny images', () => {
  test('noise of many cells on an image 128 times as wide as high takes no gigabytes', () => {
    const image = extremeImage('random', 32, 4096, 1)
    const options = { gridCellsExponent: [7, 7] } as const
    const { image: drawn, mask } = synth.perlinAnomaly(options).synthesize(image, createRng(1))
    expect(outside(drawn.data)).toBeUndefined()
    expect(mask.data.includes(1)).toBe(true)
  }, 20_000)

  test.each(synth.SYNTHESIZER_KINDS)('%s refuses sides under 32 with a clear error', (kind) => {
    for (const [height, width] of [
      [1, 1],
      [1, 500],
      [500, 31],
    ] as const) {
      // prettier-ignore
      const act = () => synth.synthesizerOf({ kind }).synthesize(extremeImage('random', height, width, 1), createRng(1))
      expect(act).toThrow(/image (height|width) must be a whole number >= 32 and <= 4096, got (1|31)$/)
    }
  })

  test('the same numbers in another shape are another image', () => {
    const { data: values } = extremeImage('random', 64, 64, 1)
    const stain = synth.stain()
    stain.synthesize(tensor([64, 64, 3], values), createRng(1))
    expect(() => stain.synthesize(tensor([16, 256, 3], values), createRng(1))).toThrow('image height must be')
    const wide = stain.synthesize(tensor([32, 128, 3], values), createRng(1))
    expect(wide.mask.data).toEqual(synth.stain().synthesize(tensor([32, 128, 3], values), createRng(1)).mask.data)
  })

  test.each<[string, () => unknown, string]>([
    [
      'an image without pixels',
      () => data.resizeImage(tensor([0, 4, 3], new Float32Array(0)), [2, 2]),
      'image must have pixels, got [0,4,3]',
    ],
    [
      'a texture without pixels',
      () => synth.perlinAnomaly({ textures: [tensor([0, 4, 3], new Float32Array(0))] }),
      'textures[0] must have pixels',
    ],
    [
      'a flat list cropped',
      () => data.centerCrop(tensor([4], new Float32Array(4)), [1, 1]),
      'image must be [H,W,C] or [H,W], got [4]',
    ],
    ['a solver without columns', () => synth.poissonSolver(3, 0), 'columns must be a whole number >= 1, got 0'],
    [
      'a field of another size',
      () => synth.poissonSolver(3, 3).solve(new Float64Array(9), new Float64Array(9)),
      'a field of 25 values',
    ],
    [
      'a patch that leaves the image',
      () =>
        synth.blendPatch(
          new Float32Array(300),
          10,
          8,
          1,
          { height: 5, width: 5, data: new Float32Array(75) },
          'source',
        ),
      'top must be a whole number >= 1 and <= 6, got 8',
    ],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message)
  })
})
