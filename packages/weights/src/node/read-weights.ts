import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { TabError, type LongTaskOptions } from '@tab/core'
import { notReadable } from '@tab/core/node'
import { findBundled } from '../bundled/find-bundled.ts'
import { bundledBackbone } from './bundled-backbone.ts'
import { resolveWeights, type ResolvedWeights } from './resolve-weights.ts'

/** The bytes of a weight file, and where they are from. */
export interface WeightFile extends ResolvedWeights {
  readonly bytes: Uint8Array
  readonly format: 'safetensors' | 'onnx'
}

/**
 * Reads weights by path, folder of `tab pretrain`, name of bundled weights or hub id.
 * @param where what an error calls the weights, such as the flag or the field that named them
 * @param besides what else may stand there, for messages, such as ` or "random"`
 * @throws NOT_FOUND, INVALID_ARGUMENT for another kind of file, INVALID_DATA for bundled weights that were changed; what {@link resolveWeights} throws
 * @example
 * ```ts
 * import { loadBackbone } from '@tab/model'
 * import { readWeights } from '@tab/weights/node'
 *
 * const { bytes, format } = await readWeights('resnet18.safetensors', '--init', {})
 * console.log(format, loadBackbone(bytes).backbone.architecture) // safetensors resnet18
 * ```
 */
export async function readWeights(
  text: string,
  where: string,
  task: LongTaskOptions,
  besides = '',
): Promise<WeightFile> {
  const resolved = await resolveWeights(text, task)
  const { path, source } = resolved
  if (findBundled(source)) return { ...resolved, bytes: (await bundledBackbone(source)).bytes, format: 'safetensors' }
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw notReadable(where, `a readable file${besides}`, path, cause)
  })
  const format = extname(path).slice(1)
  if (format === 'safetensors' || format === 'onnx') return { ...resolved, bytes, format }
  throw new TabError('INVALID_ARGUMENT', { where, expected: 'a .safetensors or .onnx file', actual: path })
}
