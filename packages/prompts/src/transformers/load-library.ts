import { TabError, turnOffTelemetry } from '@tab/core'

/** The maintained package, and its predecessor. */
export type TransformersLibrary = '@huggingface/transformers' | '@xenova/transformers'

/** The global settings of either package. */
export interface TransformersEnvironment {
  readonly version?: string
  localModelPath: string
  allowLocalModels: boolean
  allowRemoteModels: boolean
  /** The folder for downloads, in Node. */
  cacheDir?: string | null
  useFSCache: boolean
  readonly remoteHost: string
  readonly remotePathTemplate: string
  /** The key of the browser's cache; version 4. */
  readonly cacheKey?: string
  /** Version 4. */
  fetch?: typeof fetch
}

/** The parts of either package that are used. */
export interface Transformers {
  readonly env: TransformersEnvironment
  readonly AutoTokenizer: { from_pretrained(model: string, options: object): Promise<Tokenizer> }
  readonly CLIPTextModelWithProjection: { from_pretrained(model: string, options: object): Promise<TextModel> }
}

export type Tokenizer = (
  texts: readonly string[],
  options: { padding: 'max_length'; truncation: true; max_length: number },
) => unknown

export interface TextModel {
  (inputs: unknown): Promise<{
    readonly text_embeds: { readonly dims: readonly number[]; readonly data: ArrayLike<number> }
  }>
  dispose(): Promise<unknown>
}

/**
 * Loads one of the two packages, the maintained one first unless another is named.
 * @throws MISSING_DEPENDENCY if none of them can be loaded
 * @example
 * ```ts no-run: needs optional packages
 * import { loadTransformers } from '@tab/prompts/transformers'
 * const { library, transformers } = await loadTransformers(undefined)
 * console.log(library, transformers.env.allowRemoteModels) // @huggingface/transformers true
 * ```
 */
export async function loadTransformers(library: TransformersLibrary | undefined): Promise<{
  readonly library: TransformersLibrary
  readonly transformers: Transformers
}> {
  const tried: TransformersLibrary[] = library ? [library] : ['@huggingface/transformers', '@xenova/transformers']
  const causes: unknown[] = []
  turnOffTelemetry() // both packages load ONNX Runtime themselves
  for (const name of tried) {
    try {
      const loaded: unknown =
        name === '@huggingface/transformers'
          ? await import('@huggingface/transformers')
          : await import('@xenova/transformers')
      return { library: name, transformers: loaded as Transformers }
    } catch (error) {
      causes.push(error)
    }
  }
  throw new TabError('MISSING_DEPENDENCY', {
    where: 'transformersTextEmbedder',
    message: `${tried.join(' and ')} cannot be loaded; install it with: npm install ${tried[0]}`,
    cause: causes[0],
  })
}
