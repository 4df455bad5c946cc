import type { ForeignModel, TokenLayout } from '@tab/backend-onnx'
import { isTabError, TabError, tensor, type FeatureExtractor } from '@tab/core'

/** A feature map of a foreign model. */
export interface ForeignLayer {
  /** What detectors call it. */
  readonly name: string
  /** The graph's name of it. Default: `name`. */
  readonly output?: string
  /** Measured on a grey image where it, or `stride`, is not given. */
  readonly channels?: number
  /** Pixels of the image per cell of the map. */
  readonly stride?: number
}

/** What must be known of an ONNX file that @tab/model did not export: it takes normalised images [N,3,H,W] and gives maps [N,C,h,w] or tokens [N,T,C]. */
export interface ForeignDescription {
  /** Its feature maps, shallow first; a text is the name of an output of the graph. */
  readonly layers: readonly (string | ForeignLayer)[]
  /** Mean of each channel, for RGB in [0,1]. */
  readonly mean: readonly [number, number, number]
  /** Standard deviation of each channel, for RGB in [0,1]. */
  readonly std: readonly [number, number, number]
  /** Where outputs are tokens of a vision transformer: how they lie in the image. */
  readonly tokens?: TokenLayout
}

const TOKEN_FIELDS: readonly string[] = ['patchSize', 'prefix', 'imageSize'] satisfies (keyof TokenLayout)[]
const FIELDS: readonly string[] = ['layers', 'mean', 'std', 'tokens'] satisfies (keyof ForeignDescription)[]
const LAYER_FIELDS: readonly string[] = ['name', 'output', 'channels', 'stride'] satisfies (keyof ForeignLayer)[]

/**
 * Checks a description from outside, such as a JSON file.
 * @param where what an error calls it
 * @returns what it holds; a field may be absent
 * @throws INVALID_DATA naming the field
 */
export function checkForeign(where: string, value: unknown): Partial<ForeignDescription> {
  const refuse = (expected: string, actual: unknown): never => {
    throw new TabError('INVALID_DATA', { where, expected, actual: JSON.stringify(actual) ?? String(actual) })
  }
  const fieldsOf = (found: unknown, known: readonly string[], what: string): Record<string, unknown> => {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) refuse(`${what} as an object`, found)
    const fields = found as Record<string, unknown>
    const unknown = Object.keys(fields).filter((name) => !known.includes(name))
    if (unknown.length > 0) refuse(`${known.join(', ')} alone in ${what}`, unknown.join(', '))
    return fields
  }
  const { layers, mean, std, tokens } = fieldsOf(value, FIELDS, 'the description')
  const isTriple = (found: unknown): found is number[] =>
    Array.isArray(found) && found.length === 3 && found.every((part) => typeof part === 'number' && isFinite(part))
  // Of photographs in [0,1]; those of 0..255 would make every feature wrong and no error.
  if (mean !== undefined && !(isTriple(mean) && mean.every((part) => part >= 0 && part <= 1))) {
    refuse('mean: three numbers from 0 to 1, for RGB in [0,1]', mean)
  }
  if (std !== undefined && !(isTriple(std) && std.every((part) => part > 0 && part <= 1))) {
    refuse('std: three numbers above 0, up to 1, for RGB in [0,1]', std)
  }
  if (tokens !== undefined) {
    const { patchSize, prefix, imageSize } = fieldsOf(tokens, TOKEN_FIELDS, 'tokens')
    const isCount = (found: unknown, least: number): boolean =>
      Number.isSafeInteger(found) && (found as number) >= least
    if (!isCount(patchSize, 1)) refuse('patchSize of tokens: a whole number above 0', patchSize)
    if (!isCount(prefix, 0)) refuse('prefix of tokens: a whole number from 0', prefix)
    if (imageSize !== undefined && !isCount(imageSize, 1))
      refuse('imageSize of tokens: a whole number above 0', imageSize)
  }
  if (layers !== undefined) {
    if (!Array.isArray(layers) || layers.length === 0) refuse('layers: one or more feature maps', layers)
    const names = (layers as unknown[]).map((layer) => {
      if (typeof layer === 'string' && layer !== '') return layer
      const fields = fieldsOf(layer, LAYER_FIELDS, 'a layer')
      const { name, output = name, channels, stride } = fields
      if (typeof name !== 'string' || name === '') refuse('name of a layer: a text', name)
      if (typeof output !== 'string' || output === '') refuse(`output of layer ${String(name)}: a text`, output)
      for (const [field, count] of Object.entries({ channels, stride })) {
        if (count !== undefined && !(Number.isSafeInteger(count) && (count as number) > 0)) {
          refuse(`${field} of layer ${String(name)}: a whole number above 0`, count)
        }
      }
      return name as string
    })
    if (new Set(names).size < names.length) refuse('layers of different names', names)
  }
  return value as Partial<ForeignDescription>
}

/**
 * A description with nothing missing.
 * @param where what an error calls the model
 * @param remedy what an error says after what is missing
 * @throws INVALID_DATA for an invalid field, INVALID_ARGUMENT naming what is missing
 */
export function completeForeign(
  where: string,
  description: Partial<ForeignDescription> = {},
  remedy = '',
): ForeignDescription {
  const { layers, mean, std, tokens } = checkForeign(where, description)
  if (layers && mean && std) return { layers, mean, std, ...(tokens ? { tokens } : {}) }
  const lacking = Object.entries({ layers, mean, std }).flatMap(([name, value]) => (value ? [] : [name]))
  throw new TabError('INVALID_ARGUMENT', {
    where,
    message: `an ONNX file of another maker must be described by layers, mean and std; ${lacking.join(', ')} not given${remedy}`,
  })
}

/** Names of the layers of a description, shallow first. */
export function layerNames({ layers }: Pick<ForeignDescription, 'layers'>): readonly string[] {
  return layers.map((layer) => (typeof layer === 'string' ? layer : layer.name))
}

/** A description whose layers have the channels and strides that an extractor found, so that nothing is measured again. */
export function settledForeign(
  { layers, mean, std, tokens }: ForeignDescription,
  extractor: FeatureExtractor,
): ForeignModel {
  const settled = layers.flatMap((layer) => {
    const { name, output } = typeof layer === 'string' ? { name: layer } : layer
    const sizes = extractor.layers.filter((known) => known.name === name)
    return sizes.map(({ channels, stride }) => ({
      name,
      ...(output === undefined ? {} : { output }),
      channels,
      stride,
    }))
  })
  return { layers: settled, mean, std, ...(tokens ? { tokens } : {}) }
}

/** The layers of an extractor with the channels and strides that a grey image of a size shows. */
export async function measureLayers(
  where: string,
  extractor: FeatureExtractor,
  [height, width]: readonly [number, number],
): Promise<FeatureExtractor['layers']> {
  const names = extractor.layers.map(({ name }) => name)
  const image = tensor([1, height, width, 3], new Float32Array(height * width * 3).fill(0.5))
  const maps = await extractor.extract(image, names).catch((cause: unknown) => {
    if (isTabError(cause, 'INVALID_ARGUMENT')) throw cause // of the size, not of the layers
    const message =
      `the layers could not be measured on an image of ${height} x ${width} px: ` +
      `${cause instanceof Error ? cause.message : String(cause)}; give channels and stride of each layer`
    throw new TabError('INVALID_ARGUMENT', { where, message, cause })
  })
  return names.map((name) => {
    const [, rows, , channels] = maps.get(name)?.shape as readonly [number, number, number, number]
    return { name, channels, stride: Math.round(height / rows) }
  })
}
