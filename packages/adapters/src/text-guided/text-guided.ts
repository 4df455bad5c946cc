import {
  checkNumber,
  TabError,
  throwIfAborted,
  type Backend,
  type Detector,
  type DetectorRecipe,
  type FeatureExtractor,
  type LongTaskOptions,
  type Tensor,
} from '@tab/core'
import { checkLayers } from '../features/check-layers.ts'
import { normalBatches } from '../normal-images/normal-batches.ts'
import type { MapSize } from '../maps/anomaly-map.ts'
import { oneOf } from '../one-of.ts'
import { restoreTextGuided } from './restore-text-guided.ts'
import { checkedHeads, type StatePrototypes, type TextAlignment } from './text-alignment.ts'
import { textGuidedDetector } from './text-guided-detector.ts'

export interface TextGuidedOptions {
  readonly extractor: FeatureExtractor
  readonly backend: Backend
  /** The alignment file of a pre-training, read by `loadAlignment(bytes)` of `@tab/model`. */
  readonly alignment: TextAlignment
  /** Class of the pre-training whose prototypes to use. Default: its only class. */
  readonly className?: string
  /** Prototypes of a new class, made by the text model of the pre-training, instead of `className`. */
  readonly prototypes?: StatePrototypes
  /** Layers whose positions are scored. Default: all aligned layers. */
  readonly patchLayers?: readonly string[]
  /** Weight of the map's maximum in the image score, from 0 to 1. Default 0.5. */
  readonly patchWeight?: number
  /** Standard deviation, in input pixels, of the Gaussian that smooths the anomaly map. Default 4. */
  readonly sigma?: number
  /** Resolution of the maps: the images' (`input`) or that of the finest layer's grid (`grid`). Scores do not depend on it. Default `input`. */
  readonly mapSize?: MapSize
}

/** A recipe that needs no images to fit. */
export interface TextGuidedRecipe extends DetectorRecipe {
  /**
   * Learns nothing. Good images, when given, are checked, and later images must have their size.
   * @throws INVALID_ARGUMENT for a source without images, or images of several sizes
   */
  fit(normals?: AsyncIterable<Tensor> | Iterable<Tensor>, options?: LongTaskOptions): Promise<Detector>
}

/**
 * Scores images by text, without any image of a good part: images and patches are projected to the text space and compared with the
 * prototypes "normal" and "abnormal" (WinCLIP, Jeong et al., CVPR 2023, on a backbone aligned like TAB's, Lee & Lai 2023). A map holds
 * the probability of the abnormal state, softmax(s (z T_n, z T_a)), averaged over the layers and smoothed. The score of an image is
 * (1 - w) p + w max(map), where p is the same probability for the pooled features. In float32 a probability is 1 from a logit of 17.
 * @throws INVALID_ARGUMENT for options out of range, an alignment of another backbone, or heads that do not fit; NOT_FOUND for an unknown
 *   class or layer
 * @example
 * ```ts no-run: trains for minutes
 * import { readFile } from 'node:fs/promises'
 * import { textGuided } from '@tab/adapters'
 * import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
 * import { loadOrt } from '@tab/backend-onnx/node'
 * import { loadAlignment } from '@tab/model'
 *
 * const ort = await loadOrt()
 * const extractor = await onnxExtractor({ ort, model: await readFile('aligned/backbone.onnx') })
 * const alignment = loadAlignment(await readFile('aligned/alignment.safetensors'))
 * const detector = await textGuided({ extractor, backend: onnxBackend({ ort }), alignment, className: 'washer' }).fit()
 * console.log(detector.state().method) // text-guided
 * ```
 */
export function textGuided(options: TextGuidedOptions): TextGuidedRecipe {
  const where = 'textGuided'
  const { extractor, backend, alignment, patchWeight = 0.5, sigma = 4, mapSize = 'input' } = options
  const { heads, imageLayer, sharedHead, backbone } = alignment
  const stride = (name: string): number => extractor.layers.find((layer) => layer.name === name)?.stride ?? 0
  const wanted = options.patchLayers ?? alignment.patchLayers
  checkLayers(where, extractor, [imageLayer, ...wanted])
  if (wanted.length === 0) throw new TabError('INVALID_ARGUMENT', { where, expected: 'a patch layer', actual: 'none' })
  if (!extractor.id.includes(backbone)) {
    const expected = `the extractor of the aligned backbone, with ${backbone} in its id`
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: extractor.id })
  }
  const parts = {
    heads,
    prototypes: options.prototypes ?? prototypesOf(alignment, options.className),
    imageLayer,
    patchLayers: [...wanted].sort((left, right) => stride(left) - stride(right)), // the finest grid first
    sharedHead,
  }
  const model = {
    ...parts,
    heads: checkedHeads(where, 'INVALID_ARGUMENT', parts, extractor),
    className: options.prototypes ? null : (options.className ?? [...alignment.prototypes.keys()][0] ?? null),
    patchWeight: checkNumber(where, 'patchWeight', patchWeight, { minimum: 0, maximum: 1 }),
    sigma: checkNumber(where, 'sigma', sigma, { minimum: 0, maximum: 100 }),
    mapSize: oneOf(where, 'mapSize', mapSize, ['input', 'grid']),
  }
  return {
    async fit(normals, { signal, onProgress } = {}) {
      throwIfAborted('textGuided.fit', signal)
      const size = normals ? await sizeOfNormals(normals, { signal, onProgress }) : null
      return textGuidedDetector(extractor, backend, { ...model, size })
    },
    restore: (state) => restoreTextGuided(state, { extractor, backend }),
  }
}

function prototypesOf({ prototypes }: TextAlignment, className: string | undefined): StatePrototypes {
  const [only] = prototypes.values()
  const found = className === undefined && prototypes.size === 1 ? only : prototypes.get(className ?? '')
  if (found) return found
  const expected = `a class among ${[...prototypes.keys()].join(', ')}`
  throw new TabError('NOT_FOUND', { where: 'textGuided', expected, actual: className ?? 'none' })
}

async function sizeOfNormals(
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  { signal, onProgress }: LongTaskOptions,
): Promise<readonly [number, number]> {
  const where = 'textGuided.fit'
  let found: readonly [number, number] | undefined
  let done = 0
  for await (const { images, size } of normalBatches(where, normals, signal)) {
    found = size
    done += images.shape[0] as number
    onProgress?.({ phase: 'read', done })
  }
  if (found) return found
  throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least one good image, or no source', actual: 'none' })
}
