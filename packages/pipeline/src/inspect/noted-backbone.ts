import type { ForeignModel } from '@tab/backend-onnx'
import type { JsonValue } from '@tab/core'

/** What a detector file notes of a backbone that is found by name or path. */
export interface BackboneNote {
  /** Path, hub id or bundled name, as it was when the detector was fitted. */
  readonly path: string
  readonly name: string
  /** Of an ONNX file of another program. */
  readonly foreign?: ForeignModel | undefined
}

/** The note as JSON. */
export function backboneNote(note: BackboneNote): { readonly backbone: JsonValue } {
  return { backbone: JSON.parse(JSON.stringify(note)) as JsonValue }
}

/** The path, hub id or bundled name of the backbone; undefined where its maker did not note it. */
export function notedBackbone({ backbone }: Readonly<Record<string, JsonValue>>): string | undefined {
  const { path } = (backbone ?? {}) as { readonly path?: JsonValue }
  return typeof path === 'string' ? path : undefined
}

/** How to run the backbone where another program wrote it; undefined where it is one of ours. */
export function notedForeign({ backbone }: Readonly<Record<string, JsonValue>>): ForeignModel | undefined {
  return ((backbone ?? {}) as Partial<BackboneNote>).foreign
}
