import { access } from 'node:fs/promises'
import { loadOrt } from '@tab/backend-onnx/node'
import { TabError, type JsonValue, type LongTaskOptions } from '@tab/core'
import { isModelName, loadExtractor, type AskedLayers } from '@tab/weights/node'
import { backboneNote } from '../../inspect/noted-backbone.ts'
import type { EngineOptions } from '../../inspect/open-engine.ts'

/** What computes features and distances in Node. */
export interface NodeEngineOptions extends Omit<EngineOptions, 'backbone'> {
  /** Path of a weight file or of a folder of `tab pretrain`, name of bundled weights, hub id, or the bytes of a weight file. */
  readonly backbone?: string | Uint8Array | undefined
}

/** Options for the engine that runs everywhere, what to note of the backbone, and what to free at the end. */
export interface NodeEngine {
  readonly engine: EngineOptions
  readonly source: Readonly<Record<string, JsonValue>>
  dispose(): void
}

/**
 * Loads onnxruntime-node, and the backbone where it is named and not passed in.
 * @throws NOT_FOUND without the backbone, MISSING_DEPENDENCY without onnxruntime-node; what {@link loadExtractor} throws
 */
export async function nodeEngine(
  where: string,
  { backbone, ...options }: NodeEngineOptions,
  layers: AskedLayers,
  task: LongTaskOptions,
): Promise<NodeEngine> {
  const isWhole = options.extractor !== undefined && options.backend !== undefined
  const ort = options.ort ?? (isWhole ? undefined : await loadOrt())
  const engine = { ...options, ort }
  if (typeof backbone !== 'string' || options.extractor) {
    const bytes = typeof backbone === 'string' ? {} : { backbone }
    return { engine: { ...engine, ...bytes }, source: {}, dispose: () => undefined }
  }
  const { session, foreign: given } = options
  const named = { session, foreign: given, where: `${where}.backbone` }
  const { extractor, name, source, foreign } = await loadExtractor(backbone, layers, named, task)
  return {
    engine: { ...engine, extractor, foreign },
    source: backboneNote({ path: source, name, foreign }),
    dispose: () => extractor.dispose(),
  }
}

/** @throws NOT_FOUND for a path without a file; of a hub id or bundled weights that is told when they are loaded */
export async function assertBackbone(where: string, path: string, expected: string, hint: string): Promise<void> {
  if (isModelName(path)) return
  await access(path).catch((cause: unknown) => {
    throw new TabError('NOT_FOUND', { where, expected, actual: `${path}${hint}`, cause })
  })
}
