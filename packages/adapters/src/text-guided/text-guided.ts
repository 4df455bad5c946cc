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
  /** What the pre-training left besides the backbone: `loadAlignment(bytes)` of `@tab/model`. */
  readonly alignment: TextAlignment
  /** Class of the pre-training whose prototypes are used. Default: its only class. */
  readonly className?: string
  /** Prototypes of a new class, by the text model of the pre-training; instead of `className`. */
  readonly prototypes?: StatePrototypes
  /** Layers whose positions are scored. Default: all that were aligned. */
  readonly patchLayers?: readonly string[]
  /** Share of the map's maximum in the image score, from 0 to 1. Default 0.5. */
  readonly patchWeight?: number
  /** Gaussian over the anomaly map, in pixels. Default 4. */
  readonly sigma?: number
  /** Resolution of the maps: that of the images, or that of the finest layer's grid; scores are the same. Default `input`. */
  readonly mapSize?: MapSize
}

/** A recipe that can be fitted on nothing. */
export interface TextGuidedRecipe extends DetectorRecipe {
  /**
   * There is nothing to learn. Good images, when given, are checked and fix the size of the images to come.
   * @throws INVALID_ARGUMENT for a source that is given but empty, or images of several sizes
   */
  fit(normals?: AsyncIterable<Tensor> | Iterable<Tensor>, options?: LongTaskOptions): Promise<Detector>
}

/**
 * Scores by text, with no image of a good part: images and patches are projected to the text space and compared with "normal" and
 * "abnormal" (WinCLIP, Jeong et al., CVPR 2023, on a backbone aligned as TAB's, Lee & Lai 2023). A map holds the probability
 * of the abnormal state, softmax(s (z T_n, z T_a)), the mean of the layers, smoothed; an image's score is
 * (1 - w) p + w max(map), p being that probability of the pooled features. In float32 a probability is 1 from a logit of 17 on.
 * @throws INVALID_ARGUMENT for options out of range, an alignment of another backbone, or heads that do not fit; NOT_FOUND for a
 * class or layer that there is not
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
