import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sha256, TabError } from '@tab/core'
import { notReadable } from '@tab/core/node'
import { requireBundled } from '../bundled/find-bundled.ts'

const WHERE = 'bundledAlignment'

/**
 * Reads what text-guided scoring takes beside a backbone of this package: projection heads, and the prototypes of the classes of its training.
 * @param name as {@link bundledBackbone} takes it
 * @returns the bytes of a file for `loadAlignment` of `@tab/model`
 * @throws NOT_FOUND for a name or version that is not here or has none, INVALID_DATA for a file that was changed
 * @example
 * ```ts
 * import { loadAlignment } from '@tab/model'
 * import { bundledAlignment } from '@tab/weights/node'
 *
 * const { patchLayers, prototypes } = loadAlignment(await bundledAlignment('tab-resnet18@1'))
 * console.log(patchLayers.join(), prototypes.size) // layer2,layer3 16
 * ```
 */
export async function bundledAlignment(name: string): Promise<Uint8Array> {
  const { id, url, alignment } = requireBundled(WHERE, name)
  if (!alignment) {
    throw new TabError('NOT_FOUND', {
      where: WHERE,
      expected: 'weights with an alignment',
      actual: `${id}, which has none`,
    })
  }
  const path = fileURLToPath(url()).replace(/\.safetensors$/, '.alignment.safetensors')
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw notReadable(WHERE, `the alignment of ${id}, which is part of @tab/weights`, path, cause)
  })
  const actual = await sha256(bytes)
  if (actual === alignment.sha256) return bytes
  throw new TabError('INVALID_DATA', {
    where: path,
    expected: `the alignment of ${id}: ${alignment.byteLength} bytes, SHA-256 ${alignment.sha256}`,
    actual: `${bytes.byteLength} bytes, SHA-256 ${actual}`,
  })
}
