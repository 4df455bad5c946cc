import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { readDetectorHeader } from '@tab/adapters'
import { readNaming, TabError, type LongTaskOptions } from '@tab/core'
import { notReadable } from '@tab/core/node'
import { featureLayers } from '../../inspect/feature-layers.ts'
import type { Inspector } from '../../inspect/inspector.ts'
import { inspectorOf, type OpenInspectorOptions } from '../../inspect/open-inspector.ts'
import { notedBackbone, notedForeign } from '../../inspect/noted-backbone.ts'
import { assertBackbone, nodeEngine, type NodeEngineOptions } from './node-engine.ts'
import { NODE_IMAGES, type NodeImage } from './node-image.ts'

export interface OpenInspectorInNodeOptions
  extends
    NodeEngineOptions,
    Pick<OpenInspectorOptions, 'threshold' | 'smallestDefect' | 'preparation' | 'methods'>,
    LongTaskOptions {
  /** Path of a detector file, or its bytes. */
  readonly model: string | URL | Uint8Array
}

/**
 * Opens a detector file of `tab fit` or {@link fitInspector} with its backbone, by default the one that the file names.
 * @throws NOT_FOUND without the file or the backbone, MISSING_DEPENDENCY without onnxruntime-node; what `openInspector` of
 *   `@tab/pipeline` throws, naming the file
 * @example
 * ```ts
 * import { fit, openInspector } from '@tab/pipeline/node'
 *
 * const [backbone, output] = ['resnet18.safetensors', 'opened.safetensors']
 * await fit({ data: 'washers', backbone, output, imageSize: [64, 64] })
 * const inspector = await openInspector({ model: output })
 * const { verdict, map, image } = await inspector.inspect('washers/train/good/000.png')
 * console.log(verdict, map?.shape, image?.shape) // good [ 64, 64 ] [ 64, 64, 3 ]
 * inspector.dispose()
 * ```
 */
export async function openInspector(options: OpenInspectorInNodeOptions): Promise<Inspector<NodeImage>> {
  const { model, backbone, signal, onProgress, threshold, preparation, methods, ...rest } = options
  const { smallestDefect, ...engineOptions } = rest
  const path = model instanceof URL ? fileURLToPath(model) : model
  const file = typeof path === 'string' ? `openInspector.model ${path}` : 'openInspector.model'
  const detector = typeof path === 'string' ? await bytesAt(path) : path
  const header = readNaming(file, () => readDetectorHeader(detector))
  const where = 'openInspector.backbone'
  const expected = `the path of backbone ${header.extractorId}`
  const noted = notedBackbone(header.notes)
  if (backbone === undefined && !options.extractor) {
    if (noted === undefined)
      throw new TabError('INVALID_ARGUMENT', { where, expected, actual: 'none, and the file names none' })
    await assertBackbone(where, noted, expected, ' in the file, where it no longer exists')
  } else if (typeof backbone === 'string') await assertBackbone(where, backbone, expected, ', which does not exist')
  const foreign = engineOptions.foreign ?? notedForeign(header.notes)
  const chosen = { ...engineOptions, foreign, backbone: backbone ?? (options.extractor ? undefined : noted) }
  const loaded = await nodeEngine('openInspector', chosen, featureLayers(header), { signal, onProgress })
  try {
    const inspector = await readNaming(file, () =>
      inspectorOf({ ...loaded.engine, detector, threshold, smallestDefect, preparation, methods }, NODE_IMAGES),
    )
    return {
      ...inspector,
      dispose() {
        inspector.dispose()
        loaded.dispose()
      },
    }
  } catch (error) {
    loaded.dispose()
    throw error
  }
}

async function bytesAt(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw notReadable('openInspector.model', 'a readable file', path, cause)
  })
}
