import { onnxExtractor, type ForeignModel, type OrtSessionOptions } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { readNaming, type FeatureExtractor, type LongTaskOptions } from '@tab/core'
import { createBackbone, exportOnnx, loadBackbone, type Architecture, type Backbone } from '@tab/model'
import { readWeights } from './read-weights.ts'

/** A feature extractor and how to name it in a report. */
export interface NamedExtractor {
  readonly extractor: FeatureExtractor
  readonly name: string
}

export interface LoadExtractorOptions {
  readonly session?: OrtSessionOptions
  /** How to run an ONNX file that another program wrote. */
  readonly foreign?: ForeignModel
}

/**
 * Loads a backbone from a .safetensors file (torchvision's names), an .onnx file, the folder that `tab pretrain` filled, or the hub.
 * @param weights path or hub id
 * @param layers the feature layers that will be asked for
 * @returns with what finds the same weights again
 * @throws NOT_FOUND, INVALID_DATA naming the file
 */
export async function loadExtractor(
  weights: string,
  layers: readonly string[],
  { session = {}, foreign }: LoadExtractorOptions = {},
  task: LongTaskOptions = {},
): Promise<NamedExtractor & { readonly source: string }> {
  const { bytes, format, name, path, source } = await readWeights(weights, 'spec.backbone', task)
  const ort = await loadOrt()
  const extractor = await readNaming(`spec.backbone ${path}`, async () =>
    format === 'onnx'
      ? onnxExtractor({ ort, model: bytes, session, ...(foreign ? { foreign } : {}) })
      : extractorOf(loadBackbone(bytes).backbone, layers, session),
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
  const extractor = await extractorOf(createBackbone({ architecture, seed }), layers, session)
  return { extractor, name: `${architecture}, random weights, seed ${seed}` }
}

async function extractorOf(
  backbone: Backbone,
  layers: readonly string[],
  session: OrtSessionOptions,
): Promise<FeatureExtractor> {
  return onnxExtractor({ ort: await loadOrt(), model: exportOnnx(backbone, { layers }), session })
}
