import { onnxExtractor, type OrtSessionOptions } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { readNaming, type FeatureExtractor, type LongTaskOptions } from '@tab/core'
import { createBackbone, exportOnnx, type Architecture } from '@tab/model'
import type { ForeignDescription } from '../foreign-model.ts'
import { isForeign, weightsExtractor } from '../weights-extractor.ts'
import { readForeign } from './read-foreign.ts'
import { readWeights } from './read-weights.ts'

/** A feature extractor and how to name it in a report. */
export interface NamedExtractor {
  readonly extractor: FeatureExtractor
  readonly name: string
}

export interface LoadExtractorOptions {
  readonly session?: OrtSessionOptions | undefined
  /**
   * How to run an ONNX file that @tab/model did not export. What is absent here is read from the JSON beside the file: `any.json` for
   * `any.onnx`.
   */
  readonly foreign?: Partial<ForeignDescription> | undefined
  /** What an error calls the weights, such as the flag or the field that named them. Default `weights`. */
  readonly where?: string
}

/**
 * Loads a backbone from a .safetensors file (torchvision's names), an .onnx file, the folder that `tab pretrain` filled, or the hub.
 * @param weights path or hub id
 * @param layers the feature layers that will be asked for
 * @returns with what finds the same weights again
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
  layers: readonly string[],
  { session, foreign, where = 'weights' }: LoadExtractorOptions = {},
  task: LongTaskOptions = {},
): Promise<NamedExtractor & { readonly source: string }> {
  const { bytes, format, name, path, source } = await readWeights(weights, where, task)
  const ort = await loadOrt()
  const file = `${where} ${path}`
  const beside = format === 'onnx' && readNaming(file, () => isForeign(bytes)) ? await readForeign(path) : undefined
  const described = foreign || beside ? { ...beside, ...foreign } : undefined
  const extractor = await readNaming(file, () =>
    weightsExtractor(bytes, { ort, format, layers, foreign: described, session, where: file }),
  )
  return { extractor, name, source }
}

/** A backbone of random weights: what features are worth before any training. */
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
