import { TabError, type FeatureLayer } from '@tab/core'
import { readOnnxMetadata } from './graph/index.ts'

/** What must be known of an ONNX backbone to run it. */
export interface ModelDescription {
  readonly layout: 'nhwc' | 'nchw'
  /** Feature maps, shallow first; `output` is the graph's name of it. */
  readonly layers: readonly (FeatureLayer & { readonly output: string })[]
  /** Needed for `nchw`, whose graph takes normalised images. */
  readonly normalization: { readonly mean: readonly number[]; readonly std: readonly number[] }
  /** Architecture and digest, where the file names them. */
  readonly id: string | undefined
}

/**
 * The description that `exportOnnx` of @tab/model left in a file; undefined for a file of another maker.
 * @throws INVALID_DATA for bytes that are no ONNX file, INCOMPATIBLE for a description of a newer version
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
