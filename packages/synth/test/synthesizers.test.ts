import { describe, expect, test } from '@jest/globals'
import { createRng, deriveRng, sha256, tensor, tensorOf, type Tensor } from '@tab/core'
import {
  avoidBackground,
  chain,
  cutPaste,
  cutPasteScar,
  memSegAnomaly,
  missingRegion,
  mixture,
  perlinAnomaly,
  poissonPatch,
  scratch,
  stain,
  SYNTHESIZER_KINDS,
  synthesizerOf,
  withProbability,
} from '@tab/synth'
import fc from 'fast-check'
import { disc, texture } from './parts.ts'

const covered = (mask: Tensor<'uint8'>): number => mask.data.reduce((sum, value) => sum + value, 0)
const digest = async (...tensors: Tensor<'float32' | 'uint8'>[]): Promise<string> => {
  const parts = await Promise.all(
    tensors.map(({ data }) => sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))),
  )
  return parts.map((part) => part.slice(0, 16)).join(' ')
}

describe.each(SYNTHESIZER_KINDS)('%s', (kind) => {
  test('any size and seed: pixels in [0,1], changed only under the mask and inside the boxes', () => {
    const sizes = fc.record({ height: fc.integer({ min: 32, max: 90 }), width: fc.integer({ min: 32, max: 90 }) })
    fc.assert(
      fc.property(sizes, fc.nat(), fc.boolean(), ({ height, width }, seed, plain) => {
        const image = plain ? texture(height, width) : disc(height, width)
        const { image: drawn, mask, report } = synthesizerOf({ kind }).synthesize(image, createRng(seed))
        const allowed = new Uint8Array(height * width)
        for (const { top, left, height: rows, width: columns } of report.boxes) {
          expect(top >= 0 && left >= 0 && top + rows <= height && left + columns <= width).toBe(true)
          for (let y = top; y < top + rows; y++) allowed.fill(1, y * width + left, y * width + left + columns)
        }
        let [outOfRange, outsideMask, outsideBoxes, largest] = [0, 0, 0, 0]
        for (let at = 0; at < drawn.data.length; at++) {
          const [value, pixel] = [drawn.data[at] as number, Math.floor(at / 3)]
          const change = Math.abs(value - (image.data[at] as number))
          if (!(value >= 0 && value <= 1)) outOfRange++
          if (change > 0 && mask.data[pixel] === 0) outsideMask++
          if (mask.data[pixel] === 1 && allowed[pixel] === 0) outsideBoxes++
          largest = Math.max(largest, change)
        }
        expect({ outOfRange, outsideMask, outsideBoxes }).toEqual({ outOfRange: 0, outsideMask: 0, outsideBoxes: 0 })
        expect(largest).toBeGreaterThan(1 / 255)
        expect(report.kind).toBe(kind)
        expect(JSON.parse(JSON.stringify(report))).toEqual(report)
      }),
      { numRuns: 12 },
    )
  })

  test('different seeds give different pairs', async () => {
    const image = disc(64, 64)
    const digests = await Promise.all(
      Array.from({ length: 20 }, (_, seed) => {
        const { image: drawn, mask } = synthesizerOf({ kind }).synthesize(image, createRng(seed))
        return digest(drawn, mask)
      }),
    )
    expect(new Set(digests).size).toBe(20)
  })
})

// Made by the code itself once, on Node 20: what they hold is that no platform and no later change gives other bytes unseen.
test('the same bytes on every platform', async () => {
  const image = disc(72, 64)
  const digests: Record<string, string> = {}
  for (const kind of SYNTHESIZER_KINDS) {
    const { image: drawn, mask } = synthesizerOf({ kind }).synthesize(image, deriveRng('golden', kind))
    digests[kind] = await digest(drawn, mask)
  }
  expect(digests).toMatchInlineSnapshot(`
    {
      "blurSpot": "4068526e978080f1 590ee95e0c1498ef",
      "cutPaste": "ed9414d3e92ddcb5 6406cb8f8010136a",
      "cutPasteScar": "2559e6a5fbc3a89a 801421bb43e07b1e",
      "deformation": "cab922314cb71ff9 f9d8696a8c28ba90",
      "memSegAnomaly": "2180fa5778821a09 58fd1c6eba13aba9",
      "missingRegion": "68b771a6db18e332 5aa8ac76500f5166",
      "perlinAnomaly": "d8c0d3a8f143d098 24c6d84df69560a7",
      "poissonPatch": "bdae62becb429ef7 84e80f47c1a997c2",
      "scratch": "93b7a5384fc26761 4bf399dd3670f34a",
      "stain": "a992c57bf83b54a5 d0b62ac1f6458128",
    }
  `)
})

describe('documented bounds', () => {
  const image = disc(100, 80)
  const runs = Array.from({ length: 60 }, (_, seed) => createRng(seed))

  test('cutPaste covers 2 to 15 % and its aspect is at most 3.3, to a pixel', () => {
    for (const rng of runs) {
      const { mask, report } = cutPaste().synthesize(image, rng)
      const { height, width } = report.boxes[0] as { height: number; width: number }
      expect(covered(mask)).toBe(height * width)
      expect((height + 0.5) * (width + 0.5)).toBeGreaterThan(0.02 * 8000)
      expect((height - 0.5) * (width - 0.5)).toBeLessThan(0.15 * 8000)
      expect((Math.max(height, width) - 0.5) / (Math.min(height, width) + 0.5)).toBeLessThan(3.3)
    }
  })

  test('cutPasteScar covers about width x length', () => {
    const part = disc(256, 256)
    for (const rng of runs) {
      const { mask, report } = cutPasteScar().synthesize(part, rng)
      const { width, length } = report.parameters as { width: number; length: number }
      expect(Math.abs(covered(mask) - width * length)).toBeLessThan(2 * (width + length) + 4)
      expect(width).toBeGreaterThanOrEqual(2)
      expect(length).toBeLessThanOrEqual(25)
    }
  })

  test('memSegAnomaly stays on the foreground', () => {
    const foreground = tensorOf(
      'uint8',
      [100, 80],
      Uint8Array.from({ length: 8000 }, (_, pixel) => (pixel % 80 > 40 ? 1 : 0)),
    )
    for (const rng of runs) {
      const { mask } = memSegAnomaly({ foreground }).synthesize(image, rng)
      expect(mask.data.every((value, pixel) => value <= (foreground.data[pixel] as number))).toBe(true)
    }
  })

  test('poissonPatch puts at least a quarter of each patch on the object', () => {
    const object = disc(100, 80, 0.2)
    const onObject = (pixel: number): boolean => {
      const [dy, dx] = [Math.floor(pixel / 80) / 100 - 0.5, (pixel % 80) / 80 - 0.5]
      return dy * dy + dx * dx < 0.2 * 0.2
    }
    for (const rng of runs) {
      const { report } = poissonPatch().synthesize(object, rng)
      for (const { top, left, height, width } of report.boxes) {
        let overlap = 0
        for (let y = top; y < top + height; y++) {
          for (let x = left; x < left + width; x++) if (onObject(y * 80 + x)) overlap++
        }
        expect(overlap / (height * width)).toBeGreaterThan(0.25 - 0.04) // the mask is found, not known
      }
    }
  })

  test('perlinAnomaly with transparency 0 and a plain texture shows the texture alone', () => {
    const red = tensor(
      [8, 8, 3],
      Float32Array.from({ length: 192 }, (_, at) => (at % 3 === 0 ? 1 : 0)),
    )
    const { image: drawn, mask } = perlinAnomaly({ textures: [red], transparency: [0, 0] }).synthesize(
      image,
      createRng(4),
    )
    const colours = new Set<string>()
    mask.data.forEach((value, pixel) => {
      if (value === 1) colours.add(drawn.data.slice(pixel * 3, pixel * 3 + 3).join())
    })
    expect(colours.size).toBe(1) // augmented, but everywhere in the same way
  })
})

describe('combinations', () => {
  const image = disc(64, 64)

  test('mixture draws by weight and reports the one drawn', () => {
    const both = mixture([
      [3, stain()],
      [1, scratch()],
      [0, cutPaste()],
    ])
    const kinds = Array.from({ length: 200 }, (_, seed) => both.synthesize(image, createRng(seed)).report.kind)
    const stains = kinds.filter((kind) => kind === 'stain').length
    expect(stains).toBeGreaterThan(125)
    expect(stains).toBeLessThan(175)
    expect(kinds.filter((kind) => kind === 'scratch').length).toBe(200 - stains)
    expect(() => mixture([[0, stain()]])).toThrow('needs at least one part with a weight above 0')
    expect(() => mixture([[-1, stain()]])).toThrow('weight 0 must be a finite number >= 0')
  })

  test('chain has the union of the masks and a step for each part', () => {
    const { mask, report } = chain([cutPaste(), scratch()]).synthesize(image, createRng(1))
    const rng = createRng(1)
    const first = cutPaste().synthesize(image, rng)
    const second = scratch().synthesize(first.image, rng)
    expect([...mask.data]).toEqual(
      [...first.mask.data].map((value, pixel) => Math.max(value, second.mask.data[pixel] as number)),
    )
    expect(report.steps).toEqual([first.report, second.report])
    expect(() => chain([])).toThrow('needs at least one part')
  })

  test('withProbability leaves a share of images as they are, and says so', () => {
    const half = withProbability(0.5, stain())
    const results = Array.from({ length: 100 }, (_, seed) => half.synthesize(image, createRng(seed)))
    const unchanged = results.filter(({ report }) => report.kind === 'unchanged')
    expect(unchanged.length).toBeGreaterThan(30)
    expect(unchanged.length).toBeLessThan(70)
    for (const { mask } of unchanged) expect(covered(mask)).toBe(0)
    expect([...(unchanged[0]?.image.data ?? [])]).toEqual([...image.data])
  })

  test('avoidBackground keeps to the object', () => {
    const ground = Uint8Array.from({ length: 64 * 64 }, (_, pixel) => (pixel % 64 < 20 ? 1 : 0))
    const foreground = tensorOf('uint8', [64, 64], ground)
    for (let seed = 0; seed < 30; seed++) {
      const { mask } = avoidBackground(cutPaste(), foreground).synthesize(image, createRng(seed))
      expect(covered(mask)).toBeGreaterThan(0)
      expect(mask.data.every((value, pixel) => value <= (ground[pixel] as number))).toBe(true)
    }
  })

  test('a spec builds the same synthesizer', async () => {
    const built = synthesizerOf({
      kind: 'mixture',
      parts: [
        [1, { kind: 'stain' }],
        [2, { kind: 'scratch', options: { bend: [0, 0] } }],
      ],
    })
    const direct = mixture([
      [1, stain()],
      [2, scratch({ bend: [0, 0] })],
    ])
    for (let seed = 0; seed < 5; seed++) {
      const [a, b] = [built.synthesize(image, createRng(seed)), direct.synthesize(image, createRng(seed))]
      expect(await digest(a.image, a.mask)).toBe(await digest(b.image, b.mask))
    }
    expect(() => synthesizerOf({ kind: 'crack' as never })).toThrow('kind must be one of cutPaste')
  })
})

describe('bad input', () => {
  const constant = tensor([40, 40, 3], new Float32Array(4800).fill(0.5))

  test('an image that no patch of itself can change is refused, not answered with an empty mask', () => {
    expect(() => poissonPatch().synthesize(constant, createRng(0))).toThrow('no visible defect in 10 tries')
    expect(() => cutPaste({ jitter: 0 }).synthesize(constant, createRng(0))).toThrow(
      expect.objectContaining({ code: 'UNDEFINED_RESULT' }),
    )
    // while a stain or a scratch needs no structure to be seen
    expect(covered(stain().synthesize(constant, createRng(0)).mask)).toBeGreaterThan(0)
  })

  test.each<[string, () => unknown, string]>([
    [
      'an image that is too small',
      () => stain().synthesize(tensor([31, 40, 3], new Float32Array(3720)), createRng(0)),
      'image height must be a whole number >= 32 and <= 4096, got 31',
    ],
    [
      'values above 1',
      () => stain().synthesize(tensor([32, 32, 3], new Float32Array(3072).fill(255)), createRng(0)),
      'image values must be in [0,1], got 255 at element 0',
    ],
    [
      'NaN',
      () => stain().synthesize(tensor([32, 32, 3], new Float32Array(3072).fill(NaN)), createRng(0)),
      'got NaN at element 0',
    ],
    [
      'an empty foreground',
      () => stain({ foreground: tensorOf('uint8', [40, 40], new Uint8Array(1600)) }).synthesize(constant, createRng(0)),
      'the foreground mask is empty',
    ],
    [
      'a foreground of another size',
      () => stain({ foreground: tensorOf('uint8', [40, 41], new Uint8Array(1640)) }).synthesize(constant, createRng(0)),
      'foreground must have the size of the image, [40,40], got [40,41]',
    ],
    [
      'a range the wrong way round',
      () => cutPaste({ areaShare: [0.2, 0.1] }),
      'areaShare[1] must be a finite number >= 0.2',
    ],
    ['a share above 1', () => cutPaste({ areaShare: [0.1, 1.5] }), 'areaShare[1] must be'],
    [
      'an unknown option',
      () => cutPaste({ area: [0.1, 0.2] } as never),
      'options must be among areaShare, aspectRatio, jitter, got area',
    ],
    ['no textures', () => perlinAnomaly({ textures: [] }), 'textures must be'],
    ['no sources', () => poissonPatch({ sources: [] }), 'sources must hold at least one image'],
    [
      'unknown gradients',
      () => poissonPatch({ gradients: 'both' as never }),
      'gradients must be source, mixed or either, got both',
    ],
    [
      'a fill that is no colour',
      () => missingRegion({ fill: [0, 2, 0] }),
      'fill must be "background" or three numbers',
    ],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message)
  })
})
