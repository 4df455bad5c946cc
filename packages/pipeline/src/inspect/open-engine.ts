import {
  onnxBackend,
  onnxExtractor,
  type ForeignModel,
  type OrtModule,
  type OrtSessionOptions,
} from '@tab/backend-onnx'
import { TabError, type Backend, type FeatureExtractor } from '@tab/core'

/** What computes features and distances: parts of your own, or a backbone file on ONNX Runtime. */
export interface EngineOptions {
  /** What computes features; it stays yours to dispose of. In place of `backbone`. */
  readonly extractor?: FeatureExtractor | undefined
  /** A weight file: ONNX with feature maps as outputs, or safetensors with torchvision's names. It takes `ort`. */
  readonly backbone?: Uint8Array | undefined
  /** How to run an ONNX file that `exportOnnx` of `@tab/model` did not write. */
  readonly foreign?: ForeignModel | undefined
  /** onnxruntime-node, onnxruntime-web or a compatible module. */
  readonly ort?: OrtModule | undefined
  /** How ONNX Runtime runs the backbone. */
  readonly session?: OrtSessionOptions | undefined
  /** What computes distances; it stays yours to dispose of. Default: ONNX Runtime. */
  readonly backend?: Backend | undefined
}

/** Extractor and backend, of which `dispose` frees those that were opened here. */
export interface Engine {
  readonly extractor: FeatureExtractor
  readonly backend: Backend
  dispose(): void
}

/**
 * @param layers feature layers that will be asked for
 * @throws INVALID_ARGUMENT where a part is lacking, INVALID_DATA for a backbone that cannot be loaded
 */
export async function openEngine(where: string, options: EngineOptions, layers: readonly string[]): Promise<Engine> {
  const { ort, session } = options
  if (!options.backend && !ort) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'ort (ONNX Runtime), or a backend', actual: 'neither' })
  }
  const extractor = options.extractor ?? (await openBackbone(where, options, layers))
  const backend = options.backend ?? onnxBackend({ ort: ort as OrtModule, ...(session ? { session } : {}) })
  return {
    extractor,
    backend,
    dispose() {
      if (!options.backend) backend.dispose()
      if (!options.extractor) extractor.dispose()
    },
  }
}

async function openBackbone(
  where: string,
  { backbone, ort, foreign, session }: EngineOptions,
  layers: readonly string[],
): Promise<FeatureExtractor> {
  if (!backbone || !ort) {
    const actual = backbone ? 'a backbone alone' : 'neither'
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'an extractor, or a backbone with ort', actual })
  }
  const running = session ? { session } : {}
  if (!isSafetensors(backbone)) {
    return onnxExtractor({ ort, model: backbone, ...running, ...(foreign ? { foreign } : {}) })
  }
  const { weightsExtractor } = await import('@tab/weights') // which a page with an ONNX file does not load
  return weightsExtractor(backbone, { ort, format: 'safetensors', layers, ...running })
}

/** By the JSON header after the 8 bytes of its length; an ONNX file has a field of a graph there. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes[8] === 0x7b && bytes[7] === 0
}
