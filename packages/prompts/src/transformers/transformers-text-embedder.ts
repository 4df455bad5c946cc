import { TabError, tensor, type Progress, type TextEmbedder } from '@tab/core'
import { l2Norm } from '../encoding/l2-norm.ts'
import { loadTransformers, type Transformers, type TransformersLibrary } from './load-library.ts'

export type { TransformersLibrary } from './load-library.ts'

const CONTEXT = 77 // tokens of CLIP's text tower

export interface TransformersTextEmbedderOptions {
  /** Hub id, such as `Xenova/clip-vit-base-patch16`, or the path of a folder with config.json, tokenizer.json and onnx/. */
  readonly model: string
  /** Default `fp32`; `quantized` is smaller, faster and a little different. */
  readonly precision?: 'fp32' | 'quantized'
  /** Default: `@huggingface/transformers` if it can be loaded, else `@xenova/transformers`. */
  readonly library?: TransformersLibrary
  /** Use what is on disk alone. Default false. */
  readonly offline?: boolean
  /** Progress of downloads, in bytes; the phase is the file. */
  readonly onProgress?: (progress: Progress) => void
}

/**
 * A CLIP text encoder through transformers.js: texts are cut at 77 tokens, embeddings are the projected ones, of L2 norm 1.
 * @throws MISSING_DEPENDENCY without either package; NOT_FOUND, with the cause, for a model that cannot be loaded;
 *   INVALID_DATA for one that gives no text embeddings
 */
export async function transformersTextEmbedder(options: TransformersTextEmbedderOptions): Promise<TextEmbedder> {
  const { model, precision = 'fp32', offline = false, onProgress } = options
  const { library, transformers } = await loadTransformers(options.library)
  const place = locate(model)
  const settings = (): object => ({
    // Version 2 changes the object that it is given: a fresh one each time.
    quantized: precision === 'quantized',
    dtype: precision === 'quantized' ? 'q8' : 'fp32',
    local_files_only: offline || place.folder !== undefined,
    progress_callback: (event: { status?: string; file?: string; loaded?: number; total?: number }) => {
      if (event.status !== 'progress' || event.loaded === undefined) return
      onProgress?.({
        phase: `download ${event.file ?? model}`,
        done: event.loaded,
        ...(event.total ? { total: event.total } : {}),
      })
    },
  })
  const [tokenizer, textModel] = await withModelFolder(transformers, place.folder, async () => {
    try {
      return [
        await transformers.AutoTokenizer.from_pretrained(place.name, settings()),
        await transformers.CLIPTextModelWithProjection.from_pretrained(place.name, settings()),
      ] as const
    } catch (cause) {
      throw new TabError('NOT_FOUND', {
        where: 'transformersTextEmbedder',
        message: `cannot load a CLIP text model from ${model} (config.json, tokenizer.json, onnx/text_model.onnx): ${String(cause)}`,
        cause,
      })
    }
  })
  const embed: TextEmbedder['embed'] = async (texts) => {
    const inputs = tokenizer([...texts], { padding: 'max_length', truncation: true, max_length: CONTEXT })
    const { text_embeds: embeds } = await textModel(inputs)
    const dimension = embeds?.dims[1]
    if (dimension === undefined) {
      throw new TabError('INVALID_DATA', {
        where: `transformersTextEmbedder ${model}`,
        expected: 'a model with text_embeds [N,D]',
        actual: embeds ? `[${embeds.dims.join(',')}]` : 'none',
      })
    }
    const data = Float32Array.from(embeds.data)
    for (let row = 0; row < texts.length; row++) {
      const vector = data.subarray(row * dimension, (row + 1) * dimension)
      const norm = l2Norm(vector)
      vector.forEach((value, i) => (vector[i] = value / norm))
    }
    return tensor([texts.length, dimension], data)
  }
  const [, dimension] = (await embed(['a photo'])).shape as [number, number]
  return { id: `${place.name}@${precision} (${library})`, dimension, embed }
}

/** A folder's parent and name, for a path; the id itself, for a model of the hub. */
function locate(model: string): { readonly name: string; readonly folder: string | undefined } {
  const isPath = /^(?:\.{0,2}[\\/]|[a-zA-Z]:[\\/])/.test(model)
  if (!isPath) return { name: model, folder: undefined }
  const trimmed = model.replace(/[\\/]+$/, '')
  const cut = Math.max(trimmed.lastIndexOf('/'), trimmed.lastIndexOf('\\'))
  return { name: trimmed.slice(cut + 1), folder: trimmed.slice(0, cut + 1) }
}

/** Both packages look for local models under one global path: it is set for the load and put back. */
async function withModelFolder<T>(
  { env }: Transformers,
  folder: string | undefined,
  load: () => Promise<T>,
): Promise<T> {
  if (folder === undefined) return load()
  const before = { localModelPath: env.localModelPath, allowLocalModels: env.allowLocalModels }
  Object.assign(env, { localModelPath: folder, allowLocalModels: true })
  try {
    return await load()
  } finally {
    Object.assign(env, before)
  }
}
