import { readFile, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { onnxExtractor, type OrtSessionOptions } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { TabError, type FeatureExtractor } from '@tab/core'
import { createBackbone, exportOnnx, loadBackbone, type Architecture, type Backbone } from '@tab/model'

/** A feature extractor and how to name it in a report. */
export interface NamedExtractor {
  readonly extractor: FeatureExtractor
  readonly name: string
}

/**
 * Loads a backbone from a .safetensors file (torchvision's names), an .onnx file, or the folder that `tab pretrain` filled.
 * @param layers the feature layers that will be asked for
 * @throws NOT_FOUND, INVALID_DATA naming the file
 */
export async function loadExtractor(
  path: string,
  layers: readonly string[],
  session: OrtSessionOptions = {},
): Promise<NamedExtractor> {
  const file = await weightsFile(path)
  if (file !== path) return { ...(await loadExtractor(file, layers, session)), name: basename(resolve(path)) }
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new TabError('NOT_FOUND', { where: '--backbone', expected: 'a readable file', actual: path, cause })
  })
  const name = basename(path)
  switch (extname(path)) {
    case '.onnx':
      return { extractor: await onnxExtractor({ ort: await loadOrt(), model: bytes, session }), name }
    case '.safetensors':
      return { extractor: await extractorOf(loadBackbone(bytes).backbone, layers, session), name }
    default:
      throw new TabError('INVALID_ARGUMENT', {
        where: '--backbone',
        expected: 'a .safetensors or .onnx file',
        actual: path,
      })
  }
}

/** The file that a path of weights means: itself, or that of a folder of `tab pretrain`. */
export async function weightsFile(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  return isFolder ? join(path, 'backbone.safetensors') : path
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
