import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { textGuided } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import {
  readNaming,
  TabError,
  type Backend,
  type DetectorRecipe,
  type FeatureExtractor,
  type LongTaskOptions,
} from '@tab/core'
import { loadAlignment, type Alignment } from '@tab/model'
import { layersOf, recipeOf, withoutUndefined, type DetectorSpec } from '../spec/detector-spec.ts'
import { loadExtractor, resolveWeights, type NamedExtractor } from '@tab/weights/node'

/** A detection method on a backbone; the caller disposes of the extractor, and the backend of the method ends with it. */
export interface OpenRecipe extends NamedExtractor {
  readonly recipe: DetectorRecipe
  /** Feature layers of the backbone that the method asks for. */
  readonly layers: readonly string[]
  /** What finds the same weights again. */
  readonly source: string
}

type Wrap = (extractor: FeatureExtractor) => FeatureExtractor

/**
 * Loads a backbone and puts a detection method on it.
 * @param weights as {@link loadExtractor} takes them; for text-guided scoring with the `alignment.safetensors` of `tab pretrain` beside them
 * @param wrap what the method sees in place of the extractor
 * @throws NOT_FOUND without the weights, the alignment or the class; what the method says of its settings
 */
export async function openRecipe(
  spec: DetectorSpec,
  weights: string,
  seed: number,
  task: LongTaskOptions,
  wrap: Wrap = (extractor) => extractor,
): Promise<OpenRecipe> {
  const backend = onnxBackend({ ort: await loadOrt() })
  if (spec.method !== 'text-guided') {
    return opened(weights, layersOf(spec), backend, task, wrap, (extractor) =>
      recipeOf(spec, { extractor, backend, seed }),
    )
  }
  const alignment = await readAlignment(weights, task)
  const layers = [...new Set([...alignment.patchLayers, alignment.imageLayer])]
  return opened(weights, layers, backend, task, wrap, (extractor) =>
    textGuidedOf(spec, { extractor, backend, alignment }),
  )
}

async function opened(
  weights: string,
  layers: readonly string[],
  backend: Backend,
  task: LongTaskOptions,
  wrap: Wrap,
  recipeOn: (extractor: FeatureExtractor) => DetectorRecipe,
): Promise<OpenRecipe> {
  const loaded = await loadExtractor(weights, layers, { where: '--backbone' }, task)
  const own = wrap(loaded.extractor)
  const extractor: FeatureExtractor = {
    ...own,
    dispose() {
      own.dispose()
      backend.dispose()
    },
  }
  try {
    return { ...loaded, extractor, layers, recipe: recipeOn(extractor) }
  } catch (error) {
    extractor.dispose()
    throw error
  }
}

function textGuidedOf(
  spec: DetectorSpec & { readonly method: 'text-guided' },
  parts: { readonly extractor: FeatureExtractor; readonly backend: Backend; readonly alignment: Alignment },
): DetectorRecipe {
  const { patchWeight, sigma, class: className } = spec
  return textGuided({ ...parts, ...withoutUndefined({ className, patchWeight, sigma }) })
}

async function readAlignment(weights: string, task: LongTaskOptions): Promise<Alignment> {
  const { path } = await resolveWeights(weights, task)
  const file = join(dirname(path), 'alignment.safetensors')
  const bytes = await readFile(file).catch((cause: unknown) => {
    const expected = 'for text-guided scoring a folder of tab pretrain, with its alignment'
    throw new TabError('NOT_FOUND', { where: '--backbone', expected, actual: `${file}, which cannot be read`, cause })
  })
  return readNaming(file, () => loadAlignment(bytes))
}
