import { createLifetime, isOffline, isTabError, TabError, tensor, type Progress, type TextEmbedder } from '@tab/core'
import { l2Norm } from '../encoding/l2-norm.ts'
import { inTurn, withSettings } from './library-environment.ts'
import {
  loadTransformers,
  type TextModel,
  type Tokenizer,
  type Transformers,
  type TransformersEnvironment,
  type TransformersLibrary,
} from './load-library.ts'
import { locateModel, type ModelPlace } from './locate-model.ts'
import { modelDigest } from './model-digest.ts'
import type { Precision } from './model-files.ts'
import { nodeModules } from './node-modules.ts'

export type { TransformersLibrary } from './load-library.ts'

const WHERE = 'transformersTextEmbedder'
const CONTEXT = 77 // tokens of CLIP's text tower

export interface TransformersTextEmbedderOptions {
  /**
   * The path of a folder with config.json, tokenizer.json, tokenizer_config.json and onnx/, or a hub id such as
   * `Xenova/clip-vit-base-patch16`, with `@revision` if needed. Whatever exists on disk is a path.
   */
  readonly model: string
  /** Default `fp32`; `quantized` is smaller and faster, with slightly different results. */
  readonly precision?: Precision
  /** Default: `@huggingface/transformers` if it can be loaded, else `@xenova/transformers`. */
  readonly library?: TransformersLibrary
  /** Uses only files on disk and makes no request. Default: true if `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` is set, else false. */
  readonly offline?: boolean
  /** Reports downloads in bytes; the phase names the file. */
  readonly onProgress?: (progress: Progress) => void
}

/**
 * A CLIP text encoder on transformers.js: texts are cut at 77 tokens; embeddings are the projected ones, with L2 norm 1. Its id holds a
 * digest of the model's files.
 * @throws MISSING_DEPENDENCY without either package; NOT_FOUND if the model does not exist (with the places searched) or cannot be loaded
 *   (with the cause); INVALID_DATA if it returns no text embeddings
 * @example
 * ```ts no-run: needs the network
 * import { encodePrompts, industrialPrompts } from '@tab/prompts'
 * import { transformersTextEmbedder } from '@tab/prompts/transformers'
 * const embedder = await transformersTextEmbedder({ model: 'Xenova/clip-vit-base-patch16' })
 * const { cosine } = await encodePrompts(industrialPrompts('screw'), embedder)
 * console.log(embedder.dimension, cosine)
 * embedder.dispose()
 * ```
 */
export async function transformersTextEmbedder(options: TransformersTextEmbedderOptions): Promise<TextEmbedder> {
  const { model, precision = 'fp32', onProgress } = options
  const { library, transformers } = await loadTransformers(options.library)
  const { env } = transformers
  return inTurn(env, async () => {
    const node = nodeModules()
    const place = locateModel(model, precision, options.offline === true || isOffline(), env, node)
    const loaded = await load(transformers, library, place, precision, onProgress).catch((cause: unknown) => {
      throw new TabError('NOT_FOUND', {
        where: WHERE,
        message: `cannot load a CLIP text model from ${model}: ${String(cause)}`,
        cause,
      })
    })
    try {
      const digest = await modelDigest(place, precision, env, node)
      return await embedderOf(loaded, model, `${place.name}@${precision}-${digest.slice(0, 16)} (${library})`)
    } catch (error) {
      void loaded.textModel.dispose().catch(() => undefined)
      throw error
    }
  })
}

interface LoadedModel {
  readonly tokenizer: Tokenizer
  readonly textModel: TextModel
}

async function load(
  transformers: Transformers,
  library: TransformersLibrary,
  place: ModelPlace,
  precision: Precision,
  onProgress: TransformersTextEmbedderOptions['onProgress'],
): Promise<LoadedModel> {
  const { name, environment } = asked(place, library)
  // In Node, files are only read from disk; a page fetches those of its own site.
  const guarded = place.kind === 'folder' && nodeModules() ? { ...environment, fetch: refuseToFetch } : environment
  const options = (): object => ({
    // Version 2 changes the object passed to it, so each call gets a new one.
    quantized: precision === 'quantized',
    dtype: precision === 'quantized' ? 'q8' : 'fp32',
    local_files_only: place.kind === 'folder',
    ...(place.kind === 'hub' ? { revision: place.id.revision } : {}),
    // Not for a folder: version 4 would look up file sizes and remember them by the name of the model.
    ...(place.kind === 'hub' && onProgress ? { progress_callback: reporter(name, onProgress) } : {}),
  })
  return withSettings(transformers.env, guarded, async () => ({
    tokenizer: await transformers.AutoTokenizer.from_pretrained(name, options()),
    textModel: await transformers.CLIPTextModelWithProjection.from_pretrained(name, options()),
  }))
}

/** The settings by which a package reads this place and no other. */
function asked(
  place: ModelPlace,
  library: TransformersLibrary,
): { readonly name: string; readonly environment: Partial<TransformersEnvironment> } {
  if (place.kind === 'hub') return { name: place.id.repo, environment: {} }
  // Neither the cache, which identifies models by folder name, nor the network, where version 4 looks for a tokenizer despite local_files_only.
  const local = { allowLocalModels: true, allowRemoteModels: false, useFSCache: false }
  const folder = place.folder.replace(/[\\/]+$/, '')
  // Version 4 takes full paths and remembers models by them; version 2 takes a name in the folder of local models.
  if (library === '@huggingface/transformers') return { name: folder, environment: { ...local, localModelPath: '/' } }
  const cut = Math.max(folder.lastIndexOf('/'), folder.lastIndexOf('\\'))
  return { name: folder.slice(cut + 1), environment: { ...local, localModelPath: folder.slice(0, cut + 1) } }
}

async function refuseToFetch(url: unknown): Promise<never> {
  throw new Error(`a model on disk must not request ${String(url)}`)
}

interface DownloadEvent {
  readonly status?: string
  readonly file?: string
  readonly loaded?: number
  readonly total?: number
}

function reporter(model: string, onProgress: (progress: Progress) => void): (event: DownloadEvent) => void {
  return ({ status, file, loaded, total }) => {
    if (status !== 'progress' || loaded === undefined) return
    onProgress({ phase: `download ${file ?? model}`, done: loaded, ...(total ? { total } : {}) })
  }
}

async function embedderOf({ tokenizer, textModel }: LoadedModel, model: string, id: string): Promise<TextEmbedder> {
  const lifetime = createLifetime(WHERE)
  let last: Promise<unknown> = Promise.resolve()
  const rowsOf = async (texts: readonly string[]): Promise<{ dimension: number; data: Float32Array }> => {
    const inputs = tokenizer([...texts], { padding: 'max_length', truncation: true, max_length: CONTEXT })
    const { text_embeds: embeds } = await textModel(inputs)
    const dimension = embeds?.dims[1]
    if (dimension !== undefined) return { dimension, data: Float32Array.from(embeds.data) }
    throw new TabError('INVALID_DATA', {
      where: `${WHERE} ${model}`,
      expected: 'a model with text_embeds [N,D]',
      actual: embeds ? `[${embeds.dims.join(',')}]` : 'none',
    })
  }
  const { dimension } = await rowsOf(['a photo']).catch((cause: unknown) => {
    if (isTabError(cause)) throw cause
    throw new TabError('INVALID_DATA', {
      where: `${WHERE} ${model}`,
      message: `cannot embed a text: ${String(cause)}`,
      cause,
    })
  })
  const raw = async (texts: readonly string[]): Promise<Float32Array> => {
    if (texts.length === 0) return new Float32Array(0)
    const running = rowsOf(texts)
    last = Promise.allSettled([last, running])
    return (await running).data
  }
  return {
    id,
    dimension,
    async embedRaw(texts) {
      lifetime.check('embedRaw')
      return tensor([texts.length, dimension], await raw(texts))
    },
    async embed(texts) {
      lifetime.check('embed')
      const data = await raw(texts)
      for (let row = 0; row < texts.length; row++) {
        const vector = data.subarray(row * dimension, (row + 1) * dimension)
        const norm = l2Norm(vector)
        vector.forEach((value, i) => (vector[i] = value / norm))
      }
      return tensor([texts.length, dimension], data)
    },
    dispose() {
      if (!lifetime.end()) return
      // Nobody awaits the release, so nobody could handle its failure.
      void last.then(() => textModel.dispose()).catch(() => undefined)
    },
  }
}
