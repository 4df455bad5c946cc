import { TabError, type LongTaskOptions, type TextEmbedder } from '@tab/core'
import { lexicalTextEmbedder } from '@tab/prompts'
import { transformersTextEmbedder } from '@tab/prompts/transformers'

/** The text model named on the command line: a hub id, a folder, or `lexical`. */
export async function loadEmbedder(
  model: string,
  precision: 'fp32' | 'quantized',
  offline: boolean,
  { onProgress }: LongTaskOptions,
): Promise<TextEmbedder> {
  if (model.trim() === '') {
    throw new TabError('INVALID_ARGUMENT', {
      where: '--model',
      expected: 'a hub id, a folder or lexical',
      actual: '""',
    })
  }
  if (model === 'lexical') return lexicalTextEmbedder()
  return transformersTextEmbedder({ model, precision, offline, ...(onProgress ? { onProgress } : {}) })
}
