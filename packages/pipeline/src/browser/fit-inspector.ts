import { fittedInspector, type FitSettings, type FittedInspector } from '../fit/fit-inspector.ts'
import type { EngineOptions } from '../inspect/open-engine.ts'
import { DEFAULT_BACKBONE } from '../spec/default-backbone.ts'
import { BROWSER_IMAGES, type BrowserImage } from './browser-image.ts'
import { bundledWeights } from './bundled-weights.ts'
import { fileBytes, type BrowserFile } from './file-bytes.ts'

export interface FitInspectorInBrowserOptions extends FitSettings, Omit<EngineOptions, 'backbone'> {
  /** Good parts: files or pixels. Read once, kept in memory as prepared. */
  readonly images: Iterable<BrowserImage> | AsyncIterable<BrowserImage>
  /** A weight file, where no extractor is given. Default: `tab-resnet18` of `@tab/weights`, fetched from beside that package. */
  readonly backbone?: BrowserFile | undefined
}

/**
 * Fits a detector on images of good parts and makes its threshold, by default on the backbone that lies in `@tab/weights`, which the file of
 * `save` then notes.
 * @throws NOT_FOUND for an address without a file; what `fitInspector` of `@tab/pipeline` throws
 * @example
 * ```ts no-run: needs a browser
 * import { fitInspector } from '@tab/pipeline/browser'
 * import * as ort from 'onnxruntime-web/wasm'
 *
 * const input = document.querySelector('input') as HTMLInputElement
 * const inspector = await fitInspector({
 *   images: input.files ?? [],
 *   backbone: 'resnet18.onnx',
 *   ort,
 *   preparation: { size: [224, 224] },
 * })
 * console.log(inspector.images.fitted, inspector.threshold)
 * ```
 */
export async function fitInspector({
  backbone,
  ...options
}: FitInspectorInBrowserOptions): Promise<FittedInspector<BrowserImage>> {
  const { signal } = options
  if (backbone === undefined && !options.extractor) {
    const bundled = await bundledWeights(DEFAULT_BACKBONE, signal)
    return fittedInspector({ ...options, backbone: bundled?.bytes }, BROWSER_IMAGES, bundled?.note)
  }
  const weights = backbone === undefined ? undefined : await fileBytes('fitInspector.backbone', backbone, signal)
  return fittedInspector({ ...options, backbone: weights }, BROWSER_IMAGES)
}
