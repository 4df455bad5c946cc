import { TabError, type FeatureLayer } from '@tab/core'
import { readOnnxMetadata } from './graph/index.ts'
import type { TokenLayout } from './token-layout.ts'

/** What is needed to run an ONNX backbone. */
export interface ModelDescription {
  readonly layout: 'nhwc' | 'nchw'
  /** Feature maps, shallow first; `output` is the name of the map in the graph. */
  readonly layers: readonly (FeatureLayer & { readonly output: string })[]
  /** Needed for `nchw`, where the graph takes normalised images. */
  readonly normalization: { readonly mean: readonly number[]; readonly std: readonly number[] }
  /** Of a vision transformer whose outputs are tokens. */
  readonly tokens?: TokenLayout | undefined
  /** Architecture and digest of the weights; undefined where the file does not name them. */
  readonly id: string | undefined
}

/**
 * Reads the description that `exportOnnx` of @tab/model writes into a file; undefined for any other file.
 * @throws INVALID_DATA for bytes that are not an ONNX file, INCOMPATIBLE for a description of a newer version
 */
export function readDescription(model: Uint8Array): ModelDescription | undefined {
  const text = readOnnxMetadata(model)['tab.backbone']
  if (text === undefined) return undefined
  let found: Record<string, unknown>
  try {
    found = JSON.parse(text) as Record<string, unknown>
  } catch (cause) {
    throw new TabError('INVALID_DATA', {
      where: 'onnxExtractor',
      message: 'the model\'s "tab.backbone" is not JSON',
      cause,
    })
  }
  if (found['version'] !== 1) {
    throw new TabError('INCOMPATIBLE', {
      where: 'onnxExtractor',
      expected: 'a model description of version 1',
      actual: `version ${JSON.stringify(found['version'])}`,
    })
  }
  const { architecture, digest, layout, layers, normalization } = found as {
    architecture: string
    digest: string
    layout: 'nhwc' | 'nchw'
    layers: FeatureLayer[]
    normalization: ModelDescription['normalization']
  }
  return {
    layout,
    layers: layers.map(({ name, channels, stride }) => ({ name, channels, stride, output: name })),
    normalization,
    id: `${architecture}-${digest}`,
  }
}
