import type { JsonValue } from '@tab/core'

/** What a detector file notes of a backbone that is found by name or path. */
export function backboneNote(path: string, name: string): { readonly backbone: JsonValue } {
  return { backbone: { path, name } }
}

/** The path, hub id or bundled name of the backbone, as it was when the detector was fitted; undefined where its maker did not note it. */
export function notedBackbone({ backbone }: Readonly<Record<string, JsonValue>>): string | undefined {
  const { path } = (backbone ?? {}) as { readonly path?: JsonValue }
  return typeof path === 'string' ? path : undefined
}
