import {
  checkNumber,
  TabError,
  tensor,
  type AnomalySynthesizer,
  type Backend,
  type DetectorRecipe,
  type FeatureExtractor,
  type Tensor,
} from '@tab/core'
import { checkLayers } from '../features/check-layers.ts'
import { normalBatches } from '../normal-images/normal-batches.ts'
import { adaptedDetector } from './adapted-detector.ts'
import { adaptedExtractor } from './adapted-extractor.ts'
import { learnProjections } from './learn-projections.ts'
import { readAdaptedState } from './state.ts'

export interface AdaptOptions {
  readonly extractor: FeatureExtractor
  readonly backend: Backend
  /** Layers whose channels are mapped, the finest grid first; the recipe should use these. Default `['layer2', 'layer3']`. */
  readonly layers?: readonly string[]
  /** What makes anomalies of good images; it is given those that are learned from, [H,W,3]. */
  readonly synthesizer: (normals: readonly Tensor[]) => AnomalySynthesizer | Promise<AnomalySynthesizer>
  /** The detector on the adapted features. */
  readonly recipe: (extractor: FeatureExtractor) => DetectorRecipe
  /** Default 0. */
  readonly seed?: number
}

const WHERE = 'adapt'
const LEARNED_FROM = 10 // good images, the first ones

/**
 * A detector whose features are adapted to the part that it is fitted on, with nothing but its good images: synthetic anomalies of them say what a defect changes,
 * and the differences among them what it does not. A linear map for each layer lengthens the first and shortens the second, and keeps a third of the channels.
 * The network stays as it is; the maps are part of the detector and of its file. Every fit learns anew from its own images, so that calibration images stay unseen.
 * @throws INVALID_ARGUMENT, NOT_FOUND for layers that the extractor lacks
 * @example
 * ```ts
 * import { adapt, patchCore } from '@tab/adapters'
 * import { referenceBackend, tensor, tensorOf, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const darkened = {
 *   name: 'darkened', // in practice a synthesizer of @tab/synth
 *   synthesize: (image: { shape: readonly number[]; data: Float32Array }) => ({
 *     image: tensor(image.shape, image.data.map((value) => value / 2)),
 *     mask: tensorOf('uint8', image.shape.slice(0, 2), new Uint8Array(64).fill(1)),
 *   }),
 * }
 * const engines = { extractor, backend: referenceBackend(), layers: ['pixels'] }
 * const recipe = adapt({ ...engines, synthesizer: () => darkened, recipe: (adapted) => patchCore({ ...engines, extractor: adapted }) })
 * const image = (level: number) => tensor([1, 8, 8, 3], new Float32Array(192).fill(level))
 * const detector = await recipe.fit([image(0.5), image(0.6)])
 * const { scores } = await detector.predict(image(0.5))
 * console.log(detector.state().method, scores.data[0]) // adapted 0
 * ```
 */
export function adapt(options: AdaptOptions): DetectorRecipe {
  const { extractor, backend, layers = ['layer2', 'layer3'], synthesizer, recipe, seed = 0 } = options
  checkLayers(WHERE, extractor, layers)
  checkNumber(WHERE, 'seed', seed, { integer: true, minimum: 0 })
  return {
    async fit(normals, task = {}) {
      const batches = normalBatches(WHERE, normals, task.signal)
      const read: Tensor[] = []
      const images: Tensor[] = []
      while (images.length < LEARNED_FROM) {
        const { done, value } = await batches.next()
        if (done) break
        read.push(value.images)
        images.push(...each(value.images))
      }
      if (images.length === 0) {
        throw new TabError('INVALID_ARGUMENT', { where: WHERE, expected: 'at least one good image', actual: 'none' })
      }
      const learned = images.slice(0, LEARNED_FROM)
      const parts = { extractor, backend, layers, images: learned, synthesizer: await synthesizer(learned), seed }
      const projections = await learnProjections(WHERE, parts, task)
      async function* all(): AsyncGenerator<Tensor> {
        yield* read
        for await (const batch of batches) yield batch.images
      }
      const adapted = await adaptedExtractor(WHERE, extractor, backend, projections)
      return adaptedDetector(extractor.id, projections, await recipe(adapted).fit(all(), task))
    },
    async restore(state) {
      const where = 'adapt.restore'
      const { projections, member } = readAdaptedState(where, state)
      if (state.extractorId !== extractor.id) {
        const expected = `the extractor it was fitted with, ${state.extractorId}`
        throw new TabError('INCOMPATIBLE', { where, expected, actual: extractor.id })
      }
      const adapted = await adaptedExtractor(where, extractor, backend, projections)
      return adaptedDetector(extractor.id, projections, await recipe(adapted).restore(member))
    },
  }
}

function each({ shape, data }: Tensor): Tensor[] {
  const [count, ...one] = shape as [number, number, number, number]
  const size = data.length / count
  return Array.from({ length: count }, (_, index) => tensor(one, data.subarray(index * size, (index + 1) * size)))
}
