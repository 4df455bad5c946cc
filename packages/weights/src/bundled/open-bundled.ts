import { readSafetensors, recogniseFile, sha256, TabError } from '@tab/core'
import type { BundledFile } from './find-bundled.ts'
import type { WeightsRecord } from './weights-record.ts'

/** A backbone that lies in this package, as `fitInspector`, `openInspector` and `weightsExtractor` take its bytes. */
export interface BundledBackbone {
  /** Name and version, which stay with exactly these weights. */
  readonly id: string
  /** A safetensors file with torchvision's names, in float16. */
  readonly bytes: Uint8Array
  /** How the weights were made, from which data, under which licences. */
  readonly record: WeightsRecord
}

/**
 * Checks that bytes are those of the package.
 * @param where they are from, for messages
 * @throws INVALID_DATA for others
 */
export async function openBundled(where: string, file: BundledFile, bytes: Uint8Array): Promise<BundledBackbone> {
  await assertBundled(where, file, bytes)
  const { metadata } = readSafetensors(bytes)
  return { id: file.id, bytes, record: JSON.parse(metadata['tab.record'] as string) as WeightsRecord }
}

async function assertBundled(
  where: string,
  { id, byteLength, sha256: expected }: BundledFile,
  bytes: Uint8Array,
): Promise<void> {
  const refuse = (wanted: string, actual: string): never => {
    throw new TabError('INVALID_DATA', { where, expected: `${id}: a file of ${wanted}`, actual })
  }
  if (bytes.byteLength !== byteLength) {
    const found = byteLength > bytes.byteLength ? recogniseFile(bytes) : undefined
    refuse(`${byteLength} bytes`, `${bytes.byteLength} bytes${found === undefined ? '' : `: ${found}`}`)
  }
  // A page served by plain http has no Web Crypto; there the size, the format and the digest in a detector file must do.
  if (!(globalThis.crypto?.subtle as SubtleCrypto | undefined)) return
  const actual = await sha256(bytes)
  if (actual !== expected) refuse(`SHA-256 ${expected}`, actual)
}
