import {
  assertTensor,
  TabError,
  tensorOf,
  throwIfAborted,
  type Detector,
  type DetectorRecipe,
  type DetectorState,
  type Tensor,
} from '@tab/core'
import { assertCompatibleState } from '../detector-state/compatible-state.ts'
import { isStateMaker, nestStates, unnestStates, type StateMaker } from '../detector-state/nested-states.ts'
import { normalBatches } from '../normal-images/normal-batches.ts'
import { assertScorable } from '../prediction/scorable-images.ts'
import { maskImages, type MaskedImages } from './masked-images.ts'
import { predictMasked } from './predict-masked.ts'

export const WITHIN_FOREGROUND = 'within-foreground'
const VERSION = 1

/** Finds the part in an image [H,W,3]: [H,W], 1 on it. `foregroundMask` of `@tab/synth` is one. */
export type ForegroundOf = (image: Tensor) => Tensor<'uint8'> | Promise<Tensor<'uint8'>>

/**
 * A detector that looks at the part alone, wherever it lies in its image. What is beside it is replaced by one grey before anything sees it, so
 * nothing of it raises a score; patches without a pixel of the part enter no memory bank and have no score. In maps, pixels beside it have
 * the lowest value on it. How the part is found is not in the detector's state, so it is given to `loadDetector` again.
 *
 * What is taken for background is not looked at: a piece that is missing at the rim shows only in the patches along it.
 * @param foregroundOf 1 where the part is; an image without any is looked at as a whole
 * @throws from `fit` and `predict`: INVALID_ARGUMENT for a mask of another size than its image
 * @example
 * ```ts
 * import { patchCore, withinForeground } from '@tab/adapters'
 * import { referenceBackend, tensor, tensorOf, type FeatureExtractor, type Tensor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const bright = ({ data }: Tensor) => tensorOf('uint8', [1, 6], Uint8Array.from({ length: 6 }, (_, at) => (data[at * 3]! > 0.4 ? 1 : 0)))
 * const row = (...levels: number[]) => tensor([1, 1, 6, 3], Float32Array.from({ length: 18 }, (_, at) => levels[Math.floor(at / 3)]!))
 * const recipe = patchCore({ extractor, backend: referenceBackend(), layers: ['pixels'], coresetRatio: 1, sigma: 0 })
 * const detector = await withinForeground(recipe, bright).fit([row(0, 0.8, 0.8, 0, 0, 0)])
 * const moved = await detector.predict(row(0.1, 0.3, 0.2, 0.8, 0.8, 0.3)) // on other ground
 * console.log(moved.scores.data[0]) // 0
 * ```
 */
export function withinForeground(recipe: DetectorRecipe, foregroundOf: ForegroundOf): DetectorRecipe {
  return {
    async fit(normals, { signal, onProgress } = {}) {
      async function* masked(): AsyncGenerator<Tensor> {
        for await (const { images } of normalBatches('withinForeground.fit', normals, signal)) {
          yield await onForeground('withinForeground.fit', images, foregroundOf)
        }
      }
      return detectorWithinForeground(await recipe.fit(masked(), { signal, onProgress }), foregroundOf)
    },
    async restore(state) {
      const inner = readForegroundState('withinForeground.restore', state)
      return detectorWithinForeground(await recipe.restore(inner), foregroundOf)
    },
  }
}

/** A detector that is fitted on the part in images, which `foregroundOf` finds; it owns the detector. */
export function detectorWithinForeground(inner: Detector, foregroundOf: ForegroundOf): Detector {
  return {
    async predict(images, { signal, onProgress } = {}) {
      const where = 'withinForeground.predict'
      assertScorable(where, images, null)
      throwIfAborted(where, signal)
      const task = { signal, ...(onProgress ? { onProgress } : {}) }
      return predictMasked(where, inner, await onForeground(where, images, foregroundOf), task)
    },
    state(): DetectorState {
      const own = inner.state()
      const { described, tensors } = nestStates([own])
      const options = { members: described }
      return { method: WITHIN_FOREGROUND, version: VERSION, extractorId: own.extractorId, options, tensors }
    },
    dispose: () => inner.dispose(),
  }
}

/**
 * Checks the state of a detector that looks at the part alone.
 * @returns that of the one inside
 * @throws INCOMPATIBLE for another method or version, INVALID_DATA for a damaged state
 */
export function readForegroundState(where: string, state: DetectorState): DetectorState {
  assertCompatibleState(where, state, { method: WITHIN_FOREGROUND, version: VERSION, extractorId: state.extractorId })
  const { members } = state.options
  if (!Array.isArray(members) || members.length !== 1 || !members.every(isStateMaker)) {
    const actual = JSON.stringify(state.options).slice(0, 200)
    throw new TabError('INVALID_DATA', { where, expected: 'one member', actual })
  }
  const [inner] = unnestStates(members as unknown as readonly StateMaker[], state.tensors) as [DetectorState]
  assertCompatibleState(where, state, { method: WITHIN_FOREGROUND, version: VERSION, extractorId: inner.extractorId })
  return inner
}

async function onForeground(where: string, images: Tensor, foregroundOf: ForegroundOf): Promise<MaskedImages> {
  const [count, height, width] = images.shape as [number, number, number]
  const area = height * width
  const masks = new Uint8Array(count * area)
  for (let index = 0; index < count; index++) {
    const pixels = images.data.subarray(index * area * 3, (index + 1) * area * 3)
    const mask = await foregroundOf({ dtype: 'float32', shape: [height, width, 3], data: pixels })
    assertTensor(where, 'the foreground', mask, [height, width], 'uint8')
    const own = masks.subarray(index * area, (index + 1) * area)
    own.set(mask.data)
    if (!own.some((inside) => inside !== 0)) own.fill(1)
  }
  return maskImages(images, tensorOf('uint8', [count, height, width], masks))
}
