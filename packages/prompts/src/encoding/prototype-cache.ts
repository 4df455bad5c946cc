import type { PromptEnsemble } from '../ensemble/industrial-prompts.ts'
import type { TextPrototypes } from './encode-prompts.ts'

/** Everything that prototypes depend on. */
export interface PrototypeKey {
  readonly embedder: string
  readonly average: 'normalised' | 'raw'
  readonly prompts: PromptEnsemble
}

/** Stores prototypes by the content of their key. */
export interface PrototypeCache {
  get(key: PrototypeKey): Promise<TextPrototypes | undefined>
  set(key: PrototypeKey, prototypes: TextPrototypes): Promise<void>
}

/** A text that is equal for two keys exactly if they are equal. */
export function keyText({ embedder, average, prompts }: PrototypeKey): string {
  // Entries of 'raw' from before there were raw embeddings hold averages of unit vectors.
  const way = average === 'raw' ? 'raw embeddings' : average
  return JSON.stringify([embedder, way, prompts.normal, prompts.abnormal])
}

/**
 * A cache in memory.
 * @example
 * ```ts
 * import { encodePrompts, industrialPrompts, lexicalTextEmbedder, memoryCache } from '@tab/prompts'
 * const [embedder, cache] = [lexicalTextEmbedder(), memoryCache()]
 * const first = await encodePrompts(industrialPrompts('screw'), embedder, { cache })
 * const again = await encodePrompts(industrialPrompts('screw'), embedder, { cache })
 * console.log(first === again) // true
 * ```
 */
export function memoryCache(): PrototypeCache {
  const kept = new Map<string, TextPrototypes>()
  return {
    get: async (key) => kept.get(keyText(key)),
    set: async (key, prototypes) => void kept.set(keyText(key), prototypes),
  }
}
