import { onnxExtractor, type ForeignModel, type OrtModule, type OrtSessionOptions } from '@tab/backend-onnx'
import { readOnnxMetadata } from '@tab/backend-onnx/graph'
import { TabError, type FeatureExtractor } from '@tab/core'
import { exportOnnx, loadBackbone } from '@tab/model'
import { completeForeign, measureLayers, type ForeignDescription } from './foreign-model.ts'

export interface WeightsExtractorOptions {
  /** ONNX Runtime, for Node or for the browser. */
  readonly ort: OrtModule
  readonly format: 'safetensors' | 'onnx'
  /** Feature layers that will be asked for. */
  readonly layers: readonly string[]
  /** Needed for an ONNX file that @tab/model did not export, and refused for other weights. */
  readonly foreign?: Partial<ForeignDescription> | undefined
  /** Height and width of the image on which channels and strides of a foreign model are measured. Default: 224 x 224 pixels. */
  readonly size?: readonly [number, number] | undefined
  readonly session?: OrtSessionOptions | undefined
  /** What an error calls the weights. Default `weights`. */
  readonly where?: string
}

/**
 * A feature extractor from the bytes of a weight file: safetensors with torchvision's names, or an ONNX file with feature maps as outputs.
 * @throws INVALID_DATA for bytes that are neither, INVALID_ARGUMENT for a foreign model that is not described or a description that nothing
 *   needs, NOT_FOUND for layers that an ONNX file lacks
 * @example
 * ```ts
 * import { createBackbone, saveBackbone } from '@tab/model'
 * import { weightsExtractor } from '@tab/weights'
 * import * as ort from 'onnxruntime-node' // onnxruntime-web in a browser
 *
 * const bytes = saveBackbone(createBackbone({ architecture: 'resnet18', seed: 1 }))
 * const extractor = await weightsExtractor(bytes, { ort, format: 'safetensors', layers: ['layer2', 'layer3'] })
 * console.log(extractor.layers.map(({ name, stride }) => `${name}: ${stride}`).join(', ')) // layer2: 8, layer3: 16
 * extractor.dispose()
 * ```
 */
export async function weightsExtractor(
  bytes: Uint8Array,
  { ort, format, layers, foreign, size = [224, 224], session = {}, where = 'weights' }: WeightsExtractorOptions,
): Promise<FeatureExtractor> {
  const isOnnx = format === 'onnx'
  const isOthers = isOnnx && isForeign(bytes)
  if (foreign && !isOthers) {
    const kind = isOnnx ? 'this ONNX file says itself what it is' : 'these are safetensors'
    throw new TabError('INVALID_ARGUMENT', {
      where,
      message: `layers, mean and std describe an ONNX file of another maker; ${kind}`,
    })
  }
  if (!isOnnx) return onnxExtractor({ ort, model: exportOnnx(loadBackbone(bytes).backbone, { layers }), session })
  const extractor = isOthers
    ? await foreignExtractor(where, bytes, completeForeign(where, foreign), { ort, size, session })
    : await onnxExtractor({ ort, model: bytes, session })
  const known = extractor.layers.map(({ name }) => name)
  const lacking = layers.filter((name) => !known.includes(name))
  if (lacking.length === 0) return extractor
  extractor.dispose()
  throw new TabError('NOT_FOUND', { where, expected: `layers among ${known.join(', ')}`, actual: lacking.join(', ') })
}

/** Whether an ONNX file is of another maker: it does not say itself how to run it. */
export function isForeign(model: Uint8Array): boolean {
  return readOnnxMetadata(model)['tab.backbone'] === undefined
}

async function foreignExtractor(
  where: string,
  model: Uint8Array,
  { layers, mean, std, tokens }: ForeignDescription,
  {
    ort,
    size,
    session,
  }: {
    readonly ort: OrtModule
    readonly size: readonly [number, number]
    readonly session: OrtSessionOptions
  },
): Promise<FeatureExtractor> {
  const described = layers.map((layer) => (typeof layer === 'string' ? { name: layer } : layer))
  const foreign: ForeignModel = {
    layers: described.map((layer) => ({ ...layer, channels: layer.channels ?? 1, stride: layer.stride ?? 1 })),
    mean,
    std,
    ...(tokens ? { tokens } : {}),
  }
  const extractor = await onnxExtractor({ ort, model, foreign, session })
  if (described.every(({ channels, stride }) => channels !== undefined && stride !== undefined)) return extractor
  try {
    const measured = await measureLayers(where, extractor, size)
    return { ...extractor, layers: measured.map((layer, index) => ({ ...layer, ...sizes(described[index]) })) }
  } catch (error) {
    extractor.dispose()
    throw error
  }
}

/** What is given of a layer is not measured. */
function sizes({ channels, stride }: { channels?: number; stride?: number } = {}): Partial<
  FeatureExtractor['layers'][0]
> {
  return { ...(channels === undefined ? {} : { channels }), ...(stride === undefined ? {} : { stride }) }
}
