import { describe, expect, test } from '@jest/globals'
import { loadDetector, saveDetector } from '@tab/adapters'
import { referenceBackend, tensor, type Tensor } from '@tab/core'
import { syntheticParts } from '@tab/data'
import fc from 'fast-check'
import { fitInspector, openInspector } from '../../src/index.ts'
import { outsideRange, rangeOf } from '../../src/inspect/picture-range.ts'
import { pictureStatistics } from '../../src/inspect/picture-statistics.ts'
import { redExtractor } from './red-extractor.ts'

const SIDE = 48
const parts = syntheticParts({ part: 'brushed-metal', size: [SIDE, SIDE], seed: 3 })
const good = Array.from({ length: 12 }, (_, index) => parts.normal(index).image)

/** The mean of each pixel and those around it. */
function blurred({ shape, data }: Tensor): Tensor {
  const at = (y: number, x: number, channel: number): number =>
    data[(Math.min(SIDE - 1, Math.max(0, y)) * SIDE + Math.min(SIDE - 1, Math.max(0, x))) * 3 + channel] as number
  return tensor(
    shape,
    data.map((_, index) => {
      const [y, x, channel] = [Math.floor(index / 3 / SIDE), Math.floor(index / 3) % SIDE, index % 3]
      let sum = 0
      for (let down = -1; down <= 1; down++)
        for (let across = -1; across <= 1; across++) sum += at(y + down, x + across, channel)
      return sum / 9
    }),
  )
}

describe('statistics, by values worked out by hand', () => {
  test('of a white pixel in the middle of black ones', () => {
    const data = new Float32Array(25 * 3)
    data.fill(1, 12 * 3, 13 * 3)
    const { focus, exposure } = pictureStatistics(tensor([5, 5, 3], data))
    expect(exposure).toBeCloseTo(1 / 25, 6)
    // The nine Laplacians inside: -4 in the middle, 1 at its four sides, 0 at its corners; their mean is 0.
    expect(focus).toBeCloseTo((16 + 4) / 9, 5)
  })

  test('weigh the colours as the eye does', () => {
    for (const [channel, weight] of [0.299, 0.587, 0.114].entries()) {
      const data = Float32Array.from({ length: 48 }, (_, at) => (at % 3 === channel ? 1 : 0))
      const { focus, exposure } = pictureStatistics(tensor([4, 4, 3], data))
      expect([focus, exposure]).toEqual([expect.closeTo(0, 6), expect.closeTo(weight, 6)])
    }
  })
})

test('what lies between the pictures of the good parts is never outside', () => {
  const unit = fc.double({ min: 1e-6, max: 1, noNaN: true })
  const picture = fc.record({ focus: unit, exposure: unit })
  fc.assert(
    fc.property(fc.array(picture, { minLength: 1, maxLength: 5 }), picture, (seen, one) => {
      const range = rangeOf([...seen, one], [20, 30])
      expect(outsideRange(range, one, [20, 30])).toBeUndefined()
      const { outside } = outsideRange(range, { ...one, exposure: 3 }, [20, 30]) ?? {}
      expect(outside).toBe('exposure')
    }),
  )
})

describe('a picture unlike those of the good parts', () => {
  const engine = () => ({ extractor: redExtractor(), backend: referenceBackend() })
  const method = { method: 'patchcore', layers: ['pixels'], coresetSize: 5 } as const
  let file: Promise<Uint8Array> | undefined
  const fitted = () => (file ??= fit())
  const fit = async () =>
    (await fitInspector({ images: good, preparation: { size: [SIDE, SIDE] }, method, ...engine() })).save()
  const dark = tensor(
    good[0]?.shape as number[],
    (good[0] as Tensor).data.map((level) => 0.4 * level),
  )

  test.each<[string, string, Tensor, RegExp]>([
    ['focus', 'out of focus', blurred(blurred(parts.normal(50).image)), /^out of focus: .* good images have/],
    ['exposure', 'too dark', dark, /^too dark: mean luminance 0\.\d+, good images have 0\.\d+ to 0\.\d+$/],
    [
      'size',
      'of another size',
      tensor([20, 20, 3], new Float32Array(1200).fill(0.5)),
      /20 x 20 px, good images have 48 x 48/,
    ],
    ['size', 'stretched', tensor([48, 60, 3], new Float32Array(48 * 60 * 3).fill(0.5)), /48 x 60 px/],
  ])('has no verdict for its %s, by option: %s', async (outside, _, picture, reason) => {
    const detector = await fitted()
    const inspector = await openInspector({ detector, checkPictures: true, ...engine() })
    const found = await inspector.inspect(picture)
    expect(found).toMatchObject({ verdict: 'not-judged', outside, reason: expect.stringMatching(reason) })
    expect(found.score).not.toBeNull()
    expect((await (await openInspector({ detector, ...engine() })).inspect(picture)).verdict).not.toBe('not-judged')
  })

  test('good and defective parts are judged', async () => {
    const inspector = await openInspector({ detector: await fitted(), checkPictures: true, ...engine() })
    for (let index = 100; index < 112; index++) {
      expect((await inspector.inspect(parts.normal(index).image)).verdict).not.toBe('not-judged')
      expect((await inspector.inspect(parts.anomalous(index, 'dent').image)).verdict).not.toBe('not-judged')
    }
  })

  test('is judged by a file of an earlier version; a damaged range is refused', async () => {
    const { detector, notes, ...rest } = await loadDetector(await fitted(), engine())
    const { pictures, ...others } = notes
    expect(pictures).toMatchObject({ images: 12, size: [SIDE, SIDE] })
    const earlier = await saveDetector(detector, { ...rest, notes: others })
    const inspector = await openInspector({ detector: earlier, checkPictures: true, ...engine() })
    expect((await inspector.inspect(dark)).verdict).not.toBe('not-judged')
    for (const damaged of [null, {}, { images: 1, focus: [0], exposure: [0, 1], size: [2, 2] }]) {
      const file = await saveDetector(detector, { ...rest, notes: { ...others, pictures: damaged } })
      await expect(openInspector({ detector: file, ...engine() })).rejects.toMatchObject({ code: 'INVALID_DATA' })
    }
  })
})
