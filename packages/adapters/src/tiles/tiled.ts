import {
  tensor,
  tensorOf,
  TabError,
  throwIfAborted,
  type Detector,
  type DetectorRecipe,
  type LongTaskOptions,
  type Prediction,
  type Tensor,
} from '@tab/core'
import { normalBatches } from '../normal-images/normal-batches.ts'
import { checkedPrediction } from '../prediction/checked-prediction.ts'
import { assertScorable } from '../prediction/scorable-images.ts'
import { tileBlend } from './blend-tiles.ts'
import { cutTiles, tilesWithin } from './cut-tiles.ts'
import { joinNearest } from './join-nearest.ts'
import { planTiles, tilePlaces, type TileOptions, type TilePlace, type Tiling } from './plan-tiles.ts'
import { readTiledState, tiledState, type TiledModel } from './state.ts'

const STEP_PIXELS = 2 ** 19 // of tiles that go through the network together: two of 512 x 512

/**
 * A detector of large images that looks at tiles of them: one detector is fitted on the tiles of all images, from whatever place. The score of
 * an image is the highest of its tiles, its map the maps of the tiles put together, with weights where they overlap. Whatever takes a recipe
 * or a detector (thresholds, files, evaluations) takes this one, and sees whole images.
 * @param recipe whose maps have the size of its images
 * @throws INVALID_ARGUMENT from `fit` for tiles larger than the images
 * @example
 * ```ts
 * import { patchCore, tiled } from '@tab/adapters'
 * import { referenceBackend, tensor, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const image = (level: number) => tensor([1, 16, 40, 3], new Float32Array(16 * 40 * 3).fill(level))
 * const recipe = patchCore({ extractor, backend: referenceBackend(), layers: ['pixels'] })
 * const detector = await tiled(recipe, { size: [16, 16], overlap: 4 }).fit([image(0.25), image(0.5)])
 * const { scores, maps } = await detector.predict(image(0.5))
 * console.log(scores.data[0], maps.shape) // 0 [ 1, 16, 40 ]
 * ```
 */
export function tiled(recipe: DetectorRecipe, tiles: TileOptions): DetectorRecipe {
  return {
    async fit(normals, { signal, onProgress } = {}) {
      let model: TiledModel | undefined
      async function* allTiles(): AsyncGenerator<Tensor> {
        for await (const { images, size } of normalBatches('tiled.fit', normals, signal)) {
          model ??= { image: size, tiling: planTiles('tiled.fit', size, tiles) }
          for (let image = 0; image < (images.shape[0] as number); image++) {
            const places = tilesWithin(images, image, model.tiling, tilePlaces(model.tiling))
            for (const some of steps(model.tiling, places)) yield cutTiles(images, image, model.tiling, some)
          }
        }
      }
      const inner = await recipe.fit(allTiles(), { signal, onProgress })
      return tiledDetector(inner, model as unknown as TiledModel) // a recipe that fits on nothing throws
    },
    async restore(state) {
      const { inner, model } = readTiledState('tiled.restore', state)
      return tiledDetector(await recipe.restore(inner), model)
    },
  }
}

/** A tiled detector of one that is fitted on tiles, which it owns. */
export function tiledDetector(inner: Detector, model: TiledModel): Detector {
  return {
    predict: async (images, task = {}) => predict(inner, model, images, task),
    state: () => tiledState(inner.state(), model),
    dispose: () => inner.dispose(),
  }
}

/** Tiles that go through the network together, row by row, so that a strip of the image is done before the next. */
function steps(tiling: Tiling, places: readonly TilePlace[]): TilePlace[][] {
  const count = Math.max(1, Math.floor(STEP_PIXELS / (tiling.size[0] * tiling.size[1])))
  return Array.from({ length: Math.ceil(places.length / count) }, (_, step) =>
    places.slice(step * count, (step + 1) * count),
  )
}

async function predict(
  inner: Detector,
  { image: size, tiling }: TiledModel,
  images: Tensor,
  { signal, onProgress }: LongTaskOptions,
): Promise<Prediction> {
  const where = 'tiled.predict'
  assertScorable(where, images, size)
  throwIfAborted(where, signal)
  const [count, height, width] = images.shape as [number, number, number]
  const scores = new Float32Array(count).fill(-Infinity)
  const maps = new Float32Array(count * height * width)
  const blend = tileBlend(size, tiling)
  const all = tilePlaces(tiling)
  const allNearest: Tensor<'int32'>[] = []
  if (count === 0) await inner.predict(tensor([0, ...tiling.size, 3], new Float32Array(0)), { signal }) // tells whether it is disposed of
  for (let image = 0; image < count; image++) {
    const map = maps.subarray(image * height * width, (image + 1) * height * width)
    const nearest = joinNearest(size, tiling)
    for (const places of steps(tiling, tilesWithin(images, image, tiling, all))) {
      throwIfAborted(where, signal)
      const prediction = await inner.predict(cutTiles(images, image, tiling, places), { signal })
      const { scores: own, maps: parts, nearest: patches } = checkedPrediction(where, prediction, places.length)
      assertTileMaps(where, parts, tiling)
      const area = parts.data.length / places.length
      places.forEach((place, tile) => {
        scores[image] = Math.max(scores[image] as number, own.data[tile] as number)
        blend.add(parts.data.subarray(tile * area, (tile + 1) * area), place, map)
        if (patches) nearest.add(imageOf(patches, tile), place)
      })
    }
    const joined = nearest.finish()
    if (joined) allNearest.push(joined)
    onProgress?.({ phase: 'predict', done: image + 1, total: count })
  }
  const whole = { scores: tensor([count], scores), maps: tensor([count, height, width], maps) }
  const [first] = allNearest
  if (!first || allNearest.length < count) return whole
  const nearest = tensorOf('int32', [count, ...first.shape], new Int32Array(count * first.data.length))
  allNearest.forEach(({ data }, image) => nearest.data.set(data, image * data.length))
  return { ...whole, nearest }
}

function imageOf({ shape, data }: Tensor<'int32'>, image: number): Tensor<'int32'> {
  const length = data.length / (shape[0] as number)
  return tensorOf('int32', shape.slice(1), data.subarray(image * length, (image + 1) * length))
}

function assertTileMaps(where: string, { shape }: Tensor, { size }: Tiling): void {
  if (shape[1] === size[0] && shape[2] === size[1]) return
  const expected = `maps must have the size of a tile, ${size.join(' x ')} (mapSize: 'input')`
  throw new TabError('INVALID_ARGUMENT', { where, expected, actual: `${shape[1]} x ${shape[2]}` })
}
