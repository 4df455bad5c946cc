import { describe, expect, test } from '@jest/globals'
import { crossCalibrate, loadDetector, numberedImages, patchCore, saveDetector, tiled, within } from '@tab/adapters'
import { referenceBackend, tensor, tensorOf, type Detector, type FeatureExtractor, type Tensor } from '@tab/core'
import { joinNearest } from '../src/tiles/join-nearest.ts'
import { tinyExtractor } from './tiny-extractor.ts'

/** Every pixel's colour is its feature, so that each patch finds itself. */
const pixels: FeatureExtractor = {
  id: 'pixels',
  layers: [{ name: 'pixels', channels: 3, stride: 1 }],
  extract: async (images, layers) => new Map(layers.map((layer) => [layer, images])),
  dispose: () => undefined,
}
const recipe = (more: object = {}) =>
  patchCore({ extractor: pixels, backend: referenceBackend(), layers: ['pixels'], coresetRatio: 1, sigma: 0, ...more })

const [HEIGHT, WIDTH] = [12, 18]
/** Images whose pixels are all different, within their 3 x 3 means too: red tells the row, green the column, blue the image. */
const images = (...numbers: number[]): Tensor =>
  tensor(
    [numbers.length, HEIGHT, WIDTH, 3],
    Float32Array.from(
      numbers.flatMap((number) =>
        Array.from({ length: HEIGHT * WIDTH }, (_, at) => [
          Math.floor(at / WIDTH) / 20,
          (at % WIDTH) / 20,
          number / 10,
        ]).flat(),
      ),
    ),
  )

/** What is nearest to a pixel of the first image of a prediction. */
async function nearestTo(detector: Detector, image: Tensor, y: number, x: number): Promise<number[]> {
  const { nearest } = await detector.predict(image)
  const [, rows, columns] = (nearest as Tensor<'int32'>).shape as [number, number, number]
  const at = (Math.floor((y * rows) / HEIGHT) * columns + Math.floor((x * columns) / WIDTH)) * 3
  return [...(nearest as Tensor<'int32'>).data.subarray(at, at + 3)]
}

describe('the nearest good patch', () => {
  test.each([
    ['on whole images', recipe()],
    ['on tiles', tiled(recipe(), { size: [8, 10], overlap: 4 })],
    ['on a part', within(recipe(), tensorOf('uint8', [HEIGHT, WIDTH], new Uint8Array(HEIGHT * WIDTH).fill(1)))],
    ['with a limit of memory that takes reductions', recipe({ coresetRatio: 0.2, memoryLimit: 92 * 340 })],
  ])('%s is the patch itself, by its image and place', async (name, made) => {
    const detector = await made.fit([numberedImages(images(3, 5), [3, 5]), numberedImages(images(8), [8])])
    const [number, row, column] = (await nearestTo(detector, images(5), 6, 4)) as [number, number, number]
    const slack = name.includes('limit') ? 3 : 0 // of a coreset, the nearest that was kept
    expect(number).toBe(5)
    expect([Math.abs(row - 6) <= slack, Math.abs(column - 4) <= slack]).toEqual([true, true])
  })

  test('is in the detector file; one without it opens, and says nothing', async () => {
    const detector = await recipe().fit([numberedImages(images(1, 2), [11, 12])])
    const parts = { extractor: pixels, backend: referenceBackend() }
    const { detector: loaded } = await loadDetector(await saveDetector(detector), parts)
    expect(await nearestTo(loaded, images(2), 7, 9)).toEqual([12, 7, 9])
    const state = detector.state()
    const tensors = Object.fromEntries(Object.entries(state.tensors).filter(([name]) => name !== 'origins'))
    const earlier = await recipe().restore({ ...state, tensors })
    const [left, right] = [await earlier.predict(images(2)), await detector.predict(images(2))]
    expect(left.nearest).toBeUndefined()
    expect([left.scores, left.maps]).toEqual([right.scores, right.maps])
    const broken = { ...state, tensors: { ...state.tensors, origins: tensorOf('int32', [1, 3], new Int32Array(3)) } }
    await expect(recipe().restore(broken)).rejects.toMatchObject({ code: 'INVALID_DATA' })
  })

  test('is not known of images without numbers, nor invented for some among others', async () => {
    const unknown = await recipe().fit([images(1)])
    expect((await unknown.predict(images(1))).nearest).toBeUndefined()
    const mixed = await recipe().fit([images(1), numberedImages(images(9), [4])])
    expect(await nearestTo(mixed, images(1), 5, 5)).toEqual([-1, -1, -1])
    expect(await nearestTo(mixed, images(9), 5, 5)).toEqual([4, 5, 5])
  })

  test('keeps its number through cross-fitting, and when a bank is extended', async () => {
    const normals = [numberedImages(images(1, 2, 3), [21, 22, 23])]
    const { detector } = await crossCalibrate(recipe(), normals, { falsePositiveRate: 0.4, folds: 3 })
    expect(await nearestTo(detector, images(2), 4, 4)).toEqual([22, 4, 4])
    const extended = await recipe().extend(detector.state(), [numberedImages(images(7), [27])])
    expect(await nearestTo(extended, images(3), 4, 4)).toEqual([23, 4, 4])
    expect(await nearestTo(extended, images(7), 4, 4)).toEqual([27, 4, 4])
  })

  test('where tiles overlap is told by the tile in whose middle it lies most', () => {
    const tiling = { size: [1, 6], tops: [0], lefts: [0, 4] } as const
    const join = joinNearest([1, 10], tiling)
    expect(join.finish()).toBeUndefined()
    for (const column of [0, 1]) {
      const told = Int32Array.from({ length: 18 }, () => column)
      join.add(tensorOf('int32', [1, 6, 3], told), { row: 0, column, top: 0, left: 4 * column })
    }
    const numbers = (join.finish() as Tensor<'int32'>).data.filter((_, at) => at % 3 === 0)
    expect([...numbers]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
  })

  test('on a coarse grid is the pixel in the middle of its patch', async () => {
    const coarse = patchCore({
      extractor: tinyExtractor(),
      backend: referenceBackend(),
      layers: ['layer2'],
      coresetRatio: 1,
    })
    const image = tensor(
      [1, 32, 48, 3],
      Float32Array.from({ length: 32 * 48 * 3 }, (_, at) => ((at * 7919) % 997) / 997),
    )
    const { nearest } = await (await coarse.fit([numberedImages(image, [0])])).predict(image)
    expect(nearest?.shape).toEqual([1, 4, 6, 3])
    expect([...(nearest as Tensor<'int32'>).data.subarray((6 + 2) * 3, (6 + 2) * 3 + 3)]).toEqual([0, 12, 20]) // row 1 and column 2 of 8 pixels
  })
})
