import { TabError, turnOffTelemetry } from '@tab/core'

/** The maintained package, and the one it succeeded. */
export type TransformersLibrary = '@huggingface/transformers' | '@xenova/transformers'

/** Settings of either package, which are global to it. */
export interface TransformersEnvironment {
  readonly version?: string
  localModelPath: string
  allowLocalModels: boolean
  allowRemoteModels: boolean
  /** Folder of what was downloaded, in Node. */
  cacheDir?: string | null
  useFSCache: boolean
  readonly remoteHost: string
  readonly remotePathTemplate: string
  /** Of the browser's cache; version 4. */
  readonly cacheKey?: string
  /** Version 4. */
  fetch?: typeof fetch
}

/** What of either package is used. */
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
 * Loads one of the two packages; the maintained one first unless another is named.
 * @throws MISSING_DEPENDENCY when none of those asked for can be loaded
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
