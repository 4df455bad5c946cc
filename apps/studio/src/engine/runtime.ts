import { memoizedExtractor } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import type { FeatureExtractor } from '@tab/core'
import { bundledBackbone, weightsExtractor } from '@tab/weights'
import * as ort from 'onnxruntime-web/wasm'
import glue from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url'
import binary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url'

/** The feature layers of PatchCore's defaults. */
export const LAYERS: readonly string[] = ['layer2', 'layer3']
const MOST_THREADS = 4
const HELD_BYTES = 2 ** 28 // of features of good pictures, between fits

/** What computes, loaded once for each worker. */
export interface Runtime {
  readonly ort: typeof ort
  readonly backend: ReturnType<typeof onnxBackend>
  readonly extractor: FeatureExtractor
  /** The same, which remembers the features of good pictures. */
  readonly remembering: FeatureExtractor
  /** Name and version of the backbone. */
  readonly backbone: string
  readonly threads: number
}

/** Threads where the page is isolated, else one. */
export async function openRuntime(): Promise<Runtime> {
  const threads = globalThis.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1) : 1
  ort.env.wasm.numThreads = threads
  const address = (path: string): string => new URL(path, import.meta.url).href
  ort.env.wasm.wasmPaths = { mjs: address(glue), wasm: address(binary) }
  const { id, bytes } = await bundledBackbone('tab-resnet18')
  const extractor = await weightsExtractor(bytes, { ort, format: 'safetensors', layers: LAYERS })
  return {
    ort,
    backend: onnxBackend({ ort }),
    extractor,
    remembering: memoizedExtractor(extractor, { maxBytes: HELD_BYTES }),
    backbone: id,
    threads,
  }
}
