import {
  assertTensor,
  TabError,
  throwIfAborted,
  type Detector,
  type DetectorRecipe,
  type DetectorState,
  type LongTaskOptions,
  type Prediction,
  type Tensor,
} from '@tab/core'
import { assertCompatibleState } from '../detector-state/compatible-state.ts'
import { isStateMaker, nestStates, unnestStates, type StateMaker } from '../detector-state/nested-states.ts'
import { normalBatches } from '../normal-images/normal-batches.ts'
import { assertScorable } from '../prediction/scorable-images.ts'
import { maskImages } from './masked-images.ts'
import { predictMasked } from './predict-masked.ts'

export const WITHIN = 'within'
const VERSION = 1
const MASK = 'mask'

/**
 * A detector that looks at a part of its images. Pixels outside are replaced by one grey before anything sees them, so nothing of them raises a
 * score; patches without a pixel inside enter no memory bank and have no score. In maps, pixels outside have the lowest value inside. The
 * mask is in the detector's state.
 * @param mask [H,W] in pixels of the images, 1 where they count
 * @throws INVALID_ARGUMENT for a mask that marks nothing; from `fit` for images of another size than the mask
 * @example
 * ```ts
 * import { patchCore, within } from '@tab/adapters'
 * import { referenceBackend, tensor, tensorOf, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const right = tensorOf('uint8', [1, 4], Uint8Array.of(0, 0, 1, 1))
 * const image = (left: number) => tensor([1, 1, 4, 3], Float32Array.from({ length: 12 }, (_, at) => (at < 6 ? left : 0.5)))
 * const recipe = patchCore({ extractor, backend: referenceBackend(), layers: ['pixels'], coresetRatio: 1 })
 * const detector = await within(recipe, right).fit([image(0.5)])
 * console.log((await detector.predict(image(1))).scores.data[0]) // 0
 * ```
 */
export function within(recipe: DetectorRecipe, mask: Tensor<'uint8'>): DetectorRecipe {
  assertTensor('within', 'mask', mask, ['H', 'W'], 'uint8')
  if (!mask.data.some((inside) => inside !== 0)) {
    const expected = 'a region with pixels to look at'
    throw new TabError('INVALID_ARGUMENT', { where: 'within', expected, actual: 'none' })
  }
  return {
    async fit(normals, { signal, onProgress } = {}) {
      async function* masked(): AsyncGenerator<Tensor> {
        for await (const { images, size } of normalBatches('within.fit', normals, signal)) {
          assertMaskSize('within.fit', mask, size)
          yield maskImages(images, mask)
        }
      }
      return detectorWithin(await recipe.fit(masked(), { signal, onProgress }), mask)
    },
    async restore(state) {
      const { inner, mask: kept } = readWithinState('within.restore', state)
      return detectorWithin(await recipe.restore(inner), kept)
    },
  }
}

/** A detector that is fitted on masked images, with the mask; it owns the detector. */
export function detectorWithin(inner: Detector, mask: Tensor<'uint8'>): Detector {
  return {
    predict: async (images, task = {}) => predict(inner, mask, images, task),
    state(): DetectorState {
      const own = inner.state()
      const { described, tensors } = nestStates([own])
      const all = { ...tensors, [MASK]: mask }
      return {
        method: WITHIN,
        version: VERSION,
        extractorId: own.extractorId,
        options: { members: described },
        tensors: all,
      }
    },
    dispose: () => inner.dispose(),
  }
}

/**
 * Checks the state of a detector that looks at a part, and splits it.
 * @throws INCOMPATIBLE for another method or version, INVALID_DATA for a damaged state
 */
export function readWithinState(where: string, state: DetectorState): { inner: DetectorState; mask: Tensor<'uint8'> } {
  assertCompatibleState(where, state, { method: WITHIN, version: VERSION, extractorId: state.extractorId })
  const { members } = state.options
  const mask = state.tensors[MASK]
  const sound =
    Array.isArray(members) &&
    members.length === 1 &&
    members.every(isStateMaker) &&
    mask?.dtype === 'uint8' &&
    mask.shape.length === 2 &&
    (mask.data as Uint8Array).includes(1)
  if (!sound) {
    const expected = `one member and a tensor "${MASK}" [H,W] that marks pixels`
    throw new TabError('INVALID_DATA', { where, expected, actual: JSON.stringify(state.options).slice(0, 200) })
  }
  const [inner] = unnestStates(members as unknown as readonly StateMaker[], state.tensors) as [DetectorState]
  assertCompatibleState(where, state, { method: WITHIN, version: VERSION, extractorId: inner.extractorId })
  return { inner, mask: mask as Tensor<'uint8'> }
}

async function predict(
  inner: Detector,
  mask: Tensor<'uint8'>,
  images: Tensor,
  { signal, onProgress }: LongTaskOptions,
): Promise<Prediction> {
  const where = 'within.predict'
  assertScorable(where, images, mask.shape as readonly number[] as readonly [number, number])
  throwIfAborted(where, signal)
  const task = { signal, ...(onProgress ? { onProgress } : {}) }
  return { ...(await predictMasked(where, inner, maskImages(images, mask), task)), within: mask }
}

function assertMaskSize(where: string, { shape }: Tensor<'uint8'>, size: readonly number[]): void {
  if (shape[0] === size[0] && shape[1] === size[1]) return
  const expected = `images and maps of the size of the mask, ${shape.join(' x ')}`
  throw new TabError('INVALID_ARGUMENT', { where, expected, actual: size.join(' x ') })
}
