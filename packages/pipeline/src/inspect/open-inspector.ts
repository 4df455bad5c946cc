import {
  loadDetector,
  readDetectorHeader,
  type DetectorHeader,
  type DetectorRestorer,
  type Preparation,
} from '@tab/adapters'
import { checkNumber, TabError, type Tensor } from '@tab/core'
import { featureLayers } from './feature-layers.ts'
import { findForeground } from './find-foreground.ts'
import { createInspector, type Inspector, type InspectorParts } from './inspector.ts'
import { openEngine, type EngineOptions } from './open-engine.ts'
import { notedParity } from '../parity/parity-certificate.ts'
import { notedRange } from './picture-range.ts'
import { pixelsOf, type DecodedImage } from './pixels-of.ts'

export interface OpenInspectorOptions extends EngineOptions {
  /** A detector file, as `tab fit`, {@link fitInspector} and `saveDetector` of `@tab/adapters` write it. */
  readonly detector: Uint8Array
  /** A score above is anomalous, in place of the threshold in the file. It promises no rate. */
  readonly threshold?: number | undefined
  /** Pixels of a picture that the smallest defect is wide that must be found, for warnings. Default: what the file notes. */
  readonly smallestDefect?: number | undefined
  /**
   * Judge no picture whose focus, exposure or size is outside of that of the good images: it is then `not-judged`, with its reason. A file of an earlier version
   * does not know them, and judges all. Default false.
   */
  readonly checkPictures?: boolean | undefined
  /** How images were prepared for the fit, for a file that does not say so. */
  readonly preparation?: Preparation | undefined
  /** How to restore methods that `@tab/adapters` does not have, by their name. */
  readonly methods?: Readonly<Record<string, DetectorRestorer>> | undefined
}

/** What is read and named in a way of one's own. */
export type ImageReading<I> = Pick<InspectorParts<I>, 'read' | 'readPrepared' | 'nameOf'>

/**
 * Opens a detector file on the backbone that it was fitted with: the same in Node and in a browser.
 * @throws INVALID_DATA for a damaged file, or one that does not say how images are prepared; INCOMPATIBLE for another backbone or another
 *   preparation; INVALID_ARGUMENT for a threshold that is not finite or an engine that is not whole
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { tensor } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { fitInspector, openInspector } from '@tab/pipeline'
 * import * as ort from 'onnxruntime-node'
 *
 * const engine = { ort, backbone: await readFile('resnet18.onnx') }
 * const parts = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 })
 * const images = [0, 1, 2, 3].map((index) => parts.normal(index).image)
 * const fitted = await fitInspector({ ...engine, images, preparation: { size: [64, 64] } })
 *
 * const inspector = await openInspector({ ...engine, detector: await fitted.save() })
 * const black = tensor([64, 64, 3], new Float32Array(64 * 64 * 3))
 * console.log((await inspector.inspect(images[0]!)).verdict, (await inspector.inspect(black)).verdict) // good anomalous
 * fitted.dispose()
 * inspector.dispose()
 * ```
 */
export async function openInspector(options: OpenInspectorOptions): Promise<Inspector<Tensor | DecodedImage>> {
  return inspectorOf(options, { read: pixelsOf, nameOf: () => 'inspector.inspect' })
}

/** {@link openInspector} for images of another kind, which `read` decodes. */
export async function inspectorOf<I>(options: OpenInspectorOptions, reading: ImageReading<I>): Promise<Inspector<I>> {
  const where = 'openInspector'
  const header = readDetectorHeader(options.detector)
  const preparation = preparationOf(where, header, options.preparation)
  if (options.smallestDefect !== undefined) checkNumber(where, 'smallestDefect', options.smallestDefect, { above: 0 })
  const parity = notedParity(where, header.notes)
  const pictures = notedRange(where, header.notes)
  const engine = await openEngine(where, options, featureLayers(header))
  const { detector: file, methods } = options
  try {
    const parts = { ...engine, foreground: findForeground, ...(methods ? { methods } : {}) }
    const { detector, calibration } = await loadDetector(file, parts)
    return createInspector({
      detector,
      calibration,
      preparation,
      threshold: options.threshold,
      smallestDefect: options.smallestDefect ?? notedDefect(header),
      goodImages: notedImages(header),
      parity,
      pictures: options.checkPictures ? pictures : undefined,
      ...reading,
      dispose() {
        detector.dispose()
        engine.dispose()
      },
    })
  } catch (error) {
    engine.dispose()
    throw error
  }
}

function notedDefect({ notes }: DetectorHeader): number | undefined {
  const { smallestDefect } = notes
  return typeof smallestDefect === 'number' ? smallestDefect : undefined
}

/** Names of the good images, by number. */
function notedImages({ notes }: DetectorHeader): readonly string[] | undefined {
  const { goodImages } = notes
  const isNames = Array.isArray(goodImages) && goodImages.every((name) => typeof name === 'string')
  return isNames ? (goodImages as readonly string[]) : undefined
}

/** That of the file, which a caller may repeat but not replace: an image that is prepared in another way has another score. */
function preparationOf(where: string, { preparation }: DetectorHeader, given: Preparation | undefined): Preparation {
  if (!preparation && !given) {
    const expected = 'a detector file that says how images are prepared, or a preparation'
    throw new TabError('INVALID_DATA', { where, expected, actual: 'neither' })
  }
  if (preparation && given && described(preparation) !== described(given)) {
    const expected = `the preparation of the detector file, ${described(preparation)}`
    throw new TabError('INCOMPATIBLE', { where, expected, actual: described(given) })
  }
  return (preparation ?? given) as Preparation
}

function described({ size, crop = size, filter = 'bilinear', reading = 'exact' }: Preparation): string {
  return `size ${size.join(' x ')}, crop ${crop.join(' x ')}, ${filter}, ${reading}`
}
