import { readDetectorHeader } from '@tab/adapters'
import { readNaming, type LongTaskOptions } from '@tab/core'
import type { Inspector } from '../inspect/inspector.ts'
import type { EngineOptions } from '../inspect/open-engine.ts'
import { inspectorOf, type OpenInspectorOptions } from '../inspect/open-inspector.ts'
import { BROWSER_IMAGES, type BrowserImage } from './browser-image.ts'
import { notedBackbone } from '../inspect/noted-backbone.ts'
import { bundledWeights } from './bundled-weights.ts'
import { fileBytes, type BrowserFile } from './file-bytes.ts'

export interface OpenInspectorInBrowserOptions
  extends
    Omit<EngineOptions, 'backbone'>,
    Pick<OpenInspectorOptions, 'threshold' | 'smallestDefect' | 'checkPictures' | 'preparation' | 'methods'>,
    Pick<LongTaskOptions, 'signal'> {
  /** The detector file. */
  readonly model: BrowserFile
  /** A weight file, where no extractor is given. Default: the weights of `@tab/weights` that the detector file notes. */
  readonly backbone?: BrowserFile | undefined
}

/**
 * Opens a detector file with its backbone, both fetched where they are addresses; by default the backbone is the bundled one that the file notes.
 * @throws NOT_FOUND for an address without a file; what `openInspector` of `@tab/pipeline` throws; ABORTED
 * @example
 * ```ts no-run: needs a browser
 * import { openInspector } from '@tab/pipeline/browser'
 * import * as ort from 'onnxruntime-web/wasm'
 *
 * const inspector = await openInspector({ model: 'washer.safetensors', backbone: 'resnet18.onnx', ort })
 * const { verdict, regions } = await inspector.inspect(document.querySelector('video') as HTMLVideoElement)
 * console.log(verdict, regions[0]?.box)
 * ```
 */
export async function openInspector({
  model,
  backbone,
  signal,
  ...options
}: OpenInspectorInBrowserOptions): Promise<Inspector<BrowserImage>> {
  const [detector, weights] = await Promise.all([
    fileBytes('openInspector.model', model, signal),
    backbone === undefined ? undefined : fileBytes('openInspector.backbone', backbone, signal),
  ])
  const isNoted = backbone === undefined && !options.extractor
  const found = isNoted ? await notedWeights(detector, signal) : weights
  return inspectorOf({ ...options, detector, backbone: found }, BROWSER_IMAGES)
}

async function notedWeights(detector: Uint8Array, signal: LongTaskOptions['signal']): Promise<Uint8Array | undefined> {
  const { notes } = readNaming('openInspector.model', () => readDetectorHeader(detector))
  const name = notedBackbone(notes)
  return name === undefined ? undefined : (await bundledWeights(name, signal))?.bytes
}
