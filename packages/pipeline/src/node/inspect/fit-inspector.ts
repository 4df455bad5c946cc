import { fittedInspector, type FitSettings, type FittedInspector } from '../../fit/fit-inspector.ts'
import { DEFAULT_BACKBONE } from '../../spec/default-backbone.ts'
import { layersOf, LEARNING_SPEC } from '../../spec/detector-spec.ts'
import { parseSpec } from '../../spec/parse-spec.ts'
import { nodeEngine, type NodeEngineOptions } from './node-engine.ts'
import { NODE_IMAGES, type NodeImage } from './node-image.ts'

export interface FitInspectorInNodeOptions extends FitSettings, NodeEngineOptions {
  /** Good parts: files or pixels. Read once, kept in memory as prepared. */
  readonly images: Iterable<NodeImage> | AsyncIterable<NodeImage>
}

/**
 * Fits a detector on images of good parts and makes its threshold, by default on the backbone that lies in `@tab/weights`. A backbone that is named is noted in the file that
 * `save` makes, so that `openInspector` and `tab predict` find it again.
 * @throws NOT_FOUND without the backbone or an image, MISSING_DEPENDENCY without onnxruntime-node or sharp; what `fitInspector` of
 *   `@tab/pipeline` throws
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises'
 * import { findImages, fitInspector } from '@tab/pipeline/node'
 *
 * const { files } = await findImages(['washers/train/good'])
 * const inspector = await fitInspector({
 *   images: files,
 *   backbone: 'resnet18.safetensors',
 *   preparation: { size: [64, 64] },
 * })
 * console.log(inspector.images, inspector.thresholdPlan.method) // { fitted: 4, heldOut: 0 } cross-fitted
 * await writeFile('fitted.safetensors', await inspector.save()) // for openInspector and tab predict
 * inspector.dispose()
 * ```
 */
export async function fitInspector({
  images,
  ...given
}: FitInspectorInNodeOptions): Promise<FittedInspector<NodeImage>> {
  const options = given.backbone === undefined && !given.extractor ? { ...given, backbone: DEFAULT_BACKBONE } : given
  const { method = { method: 'patchcore' }, signal, onProgress } = options
  const spec = parseSpec(LEARNING_SPEC, method, 'fitInspector.method')
  const layers = (described?: readonly string[]): readonly string[] => layersOf(spec, described)
  const loaded = await nodeEngine('fitInspector', options, layers, { signal, onProgress })
  try {
    const fitted = await fittedInspector(
      { ...options, backbone: undefined, ...loaded.engine, images },
      NODE_IMAGES,
      loaded.source,
    )
    return {
      ...fitted,
      dispose() {
        fitted.dispose()
        loaded.dispose()
      },
    }
  } catch (error) {
    loaded.dispose()
    throw error
  }
}
