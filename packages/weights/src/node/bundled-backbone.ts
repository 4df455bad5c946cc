import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { notReadable } from '@tab/core/node'
import { requireBundled } from '../bundled/find-bundled.ts'
import { openBundled, type BundledBackbone } from '../bundled/open-bundled.ts'

const WHERE = 'bundledBackbone'

/**
 * Reads a backbone that lies in this package.
 * @param name `tab-resnet18` for the newest version, `tab-resnet18@1` for that one
 * @throws NOT_FOUND for a name or version that is not here, INVALID_DATA for a file that was changed
 * @example
 * ```ts
 * import { bundledBackbone } from '@tab/weights/node'
 *
 * const { id, record } = await bundledBackbone('tab-resnet18@1')
 * console.log(id, record.layers.join()) // tab-resnet18@1 layer1,layer2,layer3
 * ```
 */
export async function bundledBackbone(name: string): Promise<BundledBackbone> {
  const file = requireBundled(WHERE, name)
  const path = fileURLToPath(file.url())
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw notReadable(WHERE, `${file.id}, which is part of @tab/weights`, path, cause)
  })
  return openBundled(path, file, bytes)
}
