import { onnxExtractor, type OrtModule, type OrtSessionOptions } from '@tab/backend-onnx'
import type { FeatureExtractor } from '@tab/core'
import { exportOnnx, loadBackbone } from '@tab/model'

export interface WeightsExtractorOptions {
  /** ONNX Runtime, for Node or for the browser. */
  readonly ort: OrtModule
  readonly format: 'safetensors' | 'onnx'
  /** Feature layers that will be asked for; those of an ONNX file are what it has. */
  readonly layers: readonly string[]
  readonly session?: OrtSessionOptions
}

/**
 * A feature extractor from the bytes of a weight file: safetensors with torchvision's names, or an ONNX file with feature maps as outputs.
 * @throws INVALID_DATA for bytes that are neither
 */
export async function weightsExtractor(
  bytes: Uint8Array,
  { ort, format, layers, session = {} }: WeightsExtractorOptions,
): Promise<FeatureExtractor> {
  const model = format === 'onnx' ? bytes : exportOnnx(loadBackbone(bytes).backbone, { layers })
  return onnxExtractor({ ort, model, session })
}
