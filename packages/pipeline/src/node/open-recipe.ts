import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { type DetectorRecipe, type FeatureExtractor, type LongTaskOptions } from '@tab/core'
import type { Architecture } from '@tab/model'
import { loadExtractor, randomExtractor, type LoadedExtractor } from '@tab/weights/node'
import {
  layersOf,
  recipeOf,
  withoutAdaptation,
  withoutUndefined,
  type DetectorSpec,
  type LearningSpec,
} from '../spec/detector-spec.ts'
import type { ForeignSpec } from '../spec/foreign-spec.ts'
import { readTextGuide, textGuidedOf, type TextGuide } from './text-guide.ts'

/** Weights, and what is said of them where another program wrote them. */
export interface WeightsSource {
  /** For text-guided scoring with the `alignment.safetensors` of a pre-training beside them. */
  readonly weights: string
  readonly foreign: ForeignSpec | undefined
  /** `[height, width]` that images will have. */
  readonly size: readonly [number, number]
}

/** Where a backbone is from: weights, or none. */
export type BackboneSource = WeightsSource | { readonly random: Architecture }

/** A detection method on a backbone; the caller disposes of the extractor, and the backend of the method ends with it. */
export interface OpenRecipe extends LoadedExtractor {
  readonly recipe: DetectorRecipe
  /** The same without adaptation, for what fits it many times and only compares images with each other. */
  readonly plain: DetectorRecipe
  /** Feature layers of the backbone that the method asks for. */
  readonly layers: readonly string[]
  /** What must be known of its scores. */
  readonly note?: string
}

/**
 * Loads a backbone and puts a detection method on it.
 * @param wrap what the method sees in place of the extractor
 * @throws NOT_FOUND without the weights, the alignment or the class; what the method says of its settings
 */
export async function openRecipe(
  spec: DetectorSpec,
  from: BackboneSource,
  seed: number,
  task: LongTaskOptions,
  wrap: (extractor: FeatureExtractor) => FeatureExtractor = (extractor) => extractor,
): Promise<OpenRecipe> {
  const guide = spec.method === 'text-guided' ? await readTextGuide(from, spec.class, task) : undefined
  const asked = (described?: readonly string[]): readonly string[] =>
    guide
      ? [...new Set([...guide.alignment.patchLayers, guide.alignment.imageLayer])]
      : layersOf(spec as LearningSpec, described)
  const loaded = await loadBackbone(from, asked, seed, task)
  const { foreign } = loaded
  const layers = asked(foreign?.layers.map(({ name }) => name))
  const own = wrap(loaded.extractor)
  const backend = onnxBackend({ ort: await loadOrt() })
  const extractor: FeatureExtractor = {
    ...own,
    dispose() {
      own.dispose()
      backend.dispose()
    },
  }
  try {
    const parts = { extractor, backend, seed }
    if (spec.method === 'text-guided') {
      const recipe = textGuidedOf(spec, parts, guide as TextGuide)
      return {
        ...loaded,
        extractor,
        layers,
        recipe,
        plain: recipe,
        ...(guide?.note === undefined ? {} : { note: guide.note }),
      }
    }
    const settled = foreign ? { ...spec, layers } : spec
    const recipe = recipeOf(settled, parts)
    const plain = recipeOf(withoutAdaptation(settled), parts)
    return { ...loaded, extractor, layers, recipe, plain }
  } catch (error) {
    extractor.dispose()
    throw error
  }
}

async function loadBackbone(
  from: BackboneSource,
  layers: (described?: readonly string[]) => readonly string[],
  seed: number,
  task: LongTaskOptions,
): Promise<LoadedExtractor> {
  if ('random' in from) {
    return { ...(await randomExtractor(from.random, seed, layers())), source: `random ${from.random}` }
  }
  const { weights, size } = from
  const foreign = from.foreign && withoutUndefined(from.foreign)
  return loadExtractor(weights, layers, { foreign, size, where: 'spec.backbone' }, task)
}
