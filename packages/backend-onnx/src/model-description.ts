import { parseJson, TabError, type FeatureLayer } from '@tab/core'
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
  const where = 'onnxExtractor'
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw new TabError('INVALID_DATA', { where, message: 'the model\'s "tab.backbone" is not JSON', cause })
  }
  const found = (typeof value === 'object' && value !== null ? value : {}) as Partial<Written>
  const { version, architecture, digest, layout, layers, normalization } = found
  if (version !== 1) {
    const actual = `version ${JSON.stringify(version)}`
    throw new TabError('INCOMPATIBLE', { where, expected: 'a model description of version 1', actual })
  }
  const sound =
    typeof architecture === 'string' &&
    typeof digest === 'string' &&
    (layout === 'nhwc' || layout === 'nchw') &&
    Array.isArray(layers) &&
    layers.length > 0 &&
    layers.every(isLayer) &&
    areNumbers(normalization?.mean, -Infinity) &&
    areNumbers(normalization.std, 0)
  if (!sound) {
    const expected = '"tab.backbone" with architecture, digest, layout, layers, and mean and std of normalization'
    throw new TabError('INVALID_DATA', { where, expected, actual: text.slice(0, 200) })
  }
  return {
    layout,
    layers: layers.map(({ name, channels, stride }) => ({ name, channels, stride, output: name })),
    normalization: { mean: normalization.mean, std: normalization.std },
    id: `${architecture}-${digest}`,
  }
}

/** What `exportOnnx` of `@tab/model` writes. */
interface Written {
  readonly version: number
  readonly architecture: string
  readonly digest: string
  readonly layout: 'nhwc' | 'nchw'
  readonly layers: readonly FeatureLayer[]
  readonly normalization: ModelDescription['normalization']
}

/** Whether a value of unknown origin is a layer with a name, channels and a stride. */
export function isLayer(value: Partial<FeatureLayer> | null): boolean {
  return typeof value?.name === 'string' && isCount(value.channels, 1) && isCount(value.stride, 1)
}

/** Whether a value is a whole number from a least one on. */
export function isCount(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least
}

/** Whether a value is three finite numbers above a bound. */
export function areNumbers(value: readonly unknown[] | undefined, above: number): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    value.every((part) => Number.isFinite(part) && (part as number) > above)
  )
}
