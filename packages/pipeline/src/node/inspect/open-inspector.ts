import { readNaming, type LongTaskOptions } from '@tab/core'
import type { Inspector } from '../../inspect/inspector.ts'
import { inspectorOf, type OpenInspectorOptions } from '../../inspect/open-inspector.ts'
import type { NodeEngineOptions } from './node-engine.ts'
import { NODE_IMAGES, type NodeImage } from './node-image.ts'
import { openModelFile } from './open-model-file.ts'

export interface OpenInspectorInNodeOptions
  extends
    NodeEngineOptions,
    Pick<OpenInspectorOptions, 'threshold' | 'smallestDefect' | 'checkPictures' | 'preparation' | 'methods'>,
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
  const {
    model,
    signal,
    onProgress,
    threshold,
    preparation,
    methods,
    smallestDefect,
    checkPictures,
    ...engineOptions
  } = options
  const task = { signal, onProgress }
  const { detector, name, loaded } = await openModelFile('openInspector', model, engineOptions, task)
  try {
    const inspector = await readNaming(name, () =>
      inspectorOf(
        { ...loaded.engine, detector, threshold, smallestDefect, checkPictures, preparation, methods },
        NODE_IMAGES,
      ),
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
