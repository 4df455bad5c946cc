import type { JsonValue, LongTaskOptions } from '@tab/core'
import { backboneNote } from '../inspect/noted-backbone.ts'

/** Bundled weights and what a detector file notes of them. */
export interface BundledWeights {
  readonly bytes: Uint8Array
  readonly note: Readonly<Record<string, JsonValue>>
}

/**
 * Fetches weights that lie in `@tab/weights`.
 * @returns undefined for another name
 * @throws what `bundledBackbone` throws
 */
export async function bundledWeights(
  name: string,
  signal: LongTaskOptions['signal'],
): Promise<BundledWeights | undefined> {
  const { bundledBackbone, isBundledName } = await import('@tab/weights') // which a page with its own backbone does not load
  if (!isBundledName(name)) return undefined
  const { id, bytes } = await bundledBackbone(name, { signal })
  return { bytes, note: backboneNote({ path: id, name: id }) }
}
