import { readFile } from 'node:fs/promises'
import { readNaming, TabError, type LongTaskOptions, type TextEmbedder } from '@tab/core'
import { embeddingTable, lexicalTextEmbedder, loadEmbeddingTable } from '@tab/prompts'
import { transformersTextEmbedder } from '@tab/prompts/transformers'

/**
 * The text model of a name: a folder, a hub id, a table of embeddings (.safetensors), or `lexical`.
 * @param offline in addition to what HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE say
 * @param where field that named it
 * @throws NOT_FOUND, MISSING_DEPENDENCY, INVALID_DATA, naming the field
 * @example
 * ```ts
 * import { loadEmbedder } from '@tab/pipeline/node'
 *
 * const embedder = await loadEmbedder('lexical', 'fp32', true, {})
 * console.log((await embedder.embed(['a screw', 'a damaged screw'])).shape) // [ 2, 64 ]
 * ```
 */
export async function loadEmbedder(
  model: string,
  precision: 'fp32' | 'quantized',
  offline: boolean,
  { onProgress }: LongTaskOptions,
  where = 'spec.model',
): Promise<TextEmbedder> {
  if (model.trim() === '') {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: 'a hub id, a folder or lexical',
      actual: '""',
    })
  }
  if (model === 'lexical') return lexicalTextEmbedder()
  if (model.endsWith('.safetensors')) {
    const bytes = await readFile(model).catch((cause: unknown) => {
      throw new TabError('NOT_FOUND', { where, expected: 'a readable table of embeddings', actual: model, cause })
    })
    return readNaming(`${where} ${model}`, () => embeddingTable(loadEmbeddingTable(bytes)))
  }
  const options = { model, precision, offline, ...(onProgress ? { onProgress } : {}) }
  return readNaming(where, () => transformersTextEmbedder(options))
}
