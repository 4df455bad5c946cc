import { TabError, throwIfAborted } from '@tab/core'

/** A file in a browser: its address, a `Blob` of it, or its bytes. */
export type BrowserFile = string | URL | Blob | Uint8Array

/** @throws NOT_FOUND for an address without a file, ABORTED */
export async function fileBytes(
  where: string,
  file: BrowserFile,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (file instanceof Uint8Array) return file
  if (file instanceof Blob) return new Uint8Array(await file.arrayBuffer())
  const expected = `a file at ${String(file)}`
  const response = await fetch(file, { signal: signal ?? null }).catch((cause: unknown) => {
    throwIfAborted(where, signal)
    const actual = cause instanceof Error ? cause.message : String(cause)
    throw new TabError('NOT_FOUND', { where, expected, actual, cause })
  })
  if (response.ok) return new Uint8Array(await response.arrayBuffer())
  throw new TabError('NOT_FOUND', { where, expected, actual: `status ${response.status}` })
}
