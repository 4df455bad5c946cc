import type { PromptEnsemble } from '../ensemble/industrial-prompts.ts'
import type { TextPrototypes } from './encode-prompts.ts'

/** What prototypes depend on. */
export interface PrototypeKey {
  readonly embedder: string
  readonly average: 'normalised' | 'raw'
  readonly prompts: PromptEnsemble
}

/** Keeps prototypes by the content of their key. */
export interface PrototypeCache {
  get(key: PrototypeKey): Promise<TextPrototypes | undefined>
  set(key: PrototypeKey, prototypes: TextPrototypes): Promise<void>
}

/** Text that is the same for two keys exactly when they are the same. */
export function keyText({ embedder, average, prompts }: PrototypeKey): string {
  // Entries of 'raw' from before there were raw embeddings hold averages of unit vectors.
  const way = average === 'raw' ? 'raw embeddings' : average
  return JSON.stringify([embedder, way, prompts.normal, prompts.abnormal])
}

/** A cache in memory. */
export function memoryCache(): PrototypeCache {
  const kept = new Map<string, TextPrototypes>()
  return {
    get: async (key) => kept.get(keyText(key)),
    set: async (key, prototypes) => void kept.set(keyText(key), prototypes),
  }
}
