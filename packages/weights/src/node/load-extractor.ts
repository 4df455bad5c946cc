import { onnxExtractor, type ForeignModel, type OrtSessionOptions } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { isTabError, readNaming, type FeatureExtractor, type LongTaskOptions } from '@tab/core'
import { createBackbone, exportOnnx, type Architecture } from '@tab/model'
import { completeForeign, layerNames, settledForeign, type ForeignDescription } from '../foreign-model.ts'
import { TOKENS_OUTPUT } from '../vision-config.ts'
import { isForeign, weightsExtractor } from '../weights-extractor.ts'
import { besideModel, readForeign } from './read-foreign.ts'
import { readVision } from './read-vision.ts'
import { readWeights, type WeightFile } from './read-weights.ts'

/** A feature extractor and how to name it in a report. */
export interface NamedExtractor {
  readonly extractor: FeatureExtractor
  readonly name: string
}

/** A feature extractor that was loaded from weights. */
export interface LoadedExtractor extends NamedExtractor {
  /** What finds the same weights again: an absolute path, a hub id with its commit, or the id of bundled weights. */
  readonly source: string
  /** How an ONNX file that @tab/model did not export is run; with it the file opens without its description. */
  readonly foreign?: ForeignModel
}

/** Feature layers that will be asked for, or which those are where a foreign model is described with layers of its own. */
export type AskedLayers = readonly string[] | ((described: readonly string[] | undefined) => readonly string[])

export interface LoadExtractorOptions {
  readonly session?: OrtSessionOptions | undefined
  /**
   * How to run an ONNX file that @tab/model did not export. What is absent here is read from the JSON beside the file: `any.json` for
   * `any.onnx`. Without `layers` in either, they are those asked for.
   */
  readonly foreign?: Partial<ForeignDescription> | undefined
  /** Height and width of the image on which channels and strides of a foreign model are measured. Default: 224 x 224 pixels. */
  readonly size?: readonly [number, number] | undefined
  /** What an error calls the weights, such as the flag or the field that named them. Default `weights`. */
  readonly where?: string
}

/**
 * Loads a backbone from a .safetensors file (torchvision's names), an .onnx file, the folder that `tab pretrain` filled, this package, or the hub.
 * @param weights path, name of bundled weights, or hub id
 * @throws NOT_FOUND, INVALID_DATA, INVALID_ARGUMENT for a foreign model that is not described; each names the file
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises'
 * import { createBackbone, saveBackbone } from '@tab/model'
 * import { loadExtractor } from '@tab/weights/node'
 *
 * await writeFile('random.safetensors', saveBackbone(createBackbone({ architecture: 'resnet18', seed: 1 })))
 * const { extractor, name } = await loadExtractor('random.safetensors', ['layer2', 'layer3'])
 * console.log(name, extractor.layers.length) // random.safetensors 2
 * extractor.dispose()
 * ```
 */
export async function loadExtractor(
  weights: string,
  layers: AskedLayers,
  { session, foreign, size, where = 'weights' }: LoadExtractorOptions = {},
  task: LongTaskOptions = {},
): Promise<LoadedExtractor> {
  const file = await readWeights(weights, where, task)
  const { bytes, format, name, path, source } = file
  const named = `${where} ${path}`
  const isOthers = format === 'onnx' && readNaming(named, () => isForeign(bytes))
  const described = isOthers ? await describe(named, file, foreign, layers) : undefined
  const asked = typeof layers === 'function' ? layers(described && layerNames(described)) : layers
  const options = { format, layers: asked, foreign: described ?? foreign, size, session, where: named }
  const ort = await loadOrt()
  const extractor = await readNaming(named, () => weightsExtractor(bytes, { ort, ...options }))
  return { extractor, name, source, ...(described && { foreign: settledForeign(described, extractor) }) }
}

async function describe(
  where: string,
  { path }: WeightFile,
  given: Partial<ForeignDescription> | undefined,
  asked: AskedLayers,
): Promise<ForeignDescription> {
  // A JSON file beside the model says more than the configuration of the hub.
  const beside = await readForeign(path)
  const vision = beside ? undefined : await readVision(path).catch(unlessDescribed)
  const known = { ...vision, ...beside, ...given }
  const layers = known.layers ?? (typeof asked === 'function' ? asked(vision && [TOKENS_OUTPUT]) : asked)

  /** The configuration of another family does not matter to a model that the caller describes. */
  function unlessDescribed(error: unknown): undefined {
    if (!isTabError(error, 'UNSUPPORTED') || !given?.mean || !given.std) throw error
  }

  return completeForeign(where, { ...known, layers }, `: give them, or write them into ${besideModel(path)}`)
}

/**
 * A backbone of random weights: what features are worth before any training.
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { randomExtractor } from '@tab/weights/node'
 *
 * const { extractor, name } = await randomExtractor('resnet18', 7, ['layer2'])
 * const features = await extractor.extract(tensor([1, 64, 64, 3], new Float32Array(64 * 64 * 3)), ['layer2'])
 * console.log(name, features.get('layer2')?.shape) // resnet18, random weights, seed 7 [ 1, 8, 8, 128 ]
 * extractor.dispose()
 * ```
 */
export async function randomExtractor(
  architecture: Architecture,
  seed: number,
  layers: readonly string[],
  session: OrtSessionOptions = {},
): Promise<NamedExtractor> {
  const model = exportOnnx(createBackbone({ architecture, seed }), { layers })
  const extractor = await onnxExtractor({ ort: await loadOrt(), model, session })
  return { extractor, name: `${architecture}, random weights, seed ${seed}` }
}
