import { saveDetector, type Preparation } from '@tab/adapters'
import type { JsonValue, LongTaskOptions, Tensor } from '@tab/core'
import { createInspector, type Inspector } from '../inspect/inspector.ts'
import { openEngine, type EngineOptions } from '../inspect/open-engine.ts'
import type { ImageReading } from '../inspect/open-inspector.ts'
import { pixelsOf, type DecodedImage } from '../inspect/pixels-of.ts'
import { layersOf, recipeOf } from '../spec/detector-spec.ts'
import { fitDetector, type FittedDetector } from './fit-detector.ts'
import { learningSpec, type FitMethod } from './fit-method.ts'
import { holdPrepared } from './held-images.ts'
import { planThreshold } from './plan-threshold.ts'

/** How a detector is fitted, whatever its images are and wherever its backbone is from. */
export interface FitSettings extends LongTaskOptions {
  /** Method and settings. Default: PatchCore as it is. */
  readonly method?: FitMethod | undefined
  /** How images are prepared; the file keeps it. */
  readonly preparation: Preparation
  /**
   * Rate of false alarms that the threshold keeps to, from images held out; false for no threshold. Default: 0.05 where half of the images
   * support it, else cross-fitted at the lowest rate that they support.
   */
  readonly falsePositiveRate?: number | false | undefined
  /** Cross-fit the threshold over so many folds, instead of holding images out. */
  readonly folds?: number | undefined
  /** Of every random choice. Default 0. */
  readonly seed?: number | undefined
}

export interface FitInspectorOptions extends FitSettings, EngineOptions {
  /** Good parts: [H,W,3] or batches [N,H,W,3] in [0,1], or decoded pixels. Read once, kept in memory as prepared. */
  readonly images: Iterable<Tensor | DecodedImage> | AsyncIterable<Tensor | DecodedImage>
}

/** An inspector that was fitted just now. */
export interface FittedInspector<I = Tensor> extends Inspector<I>, Pick<FittedDetector, 'images'> {
  /** How the threshold was made, or why there is none. */
  readonly thresholdPlan: FittedDetector['threshold']
  /**
   * The detector file, which {@link openInspector} and `tab predict` open.
   * @param notes anything else to keep, as JSON
   */
  save(notes?: Readonly<Record<string, JsonValue>>): Promise<Uint8Array>
}

/**
 * Fits a detector on images of good parts and makes its threshold, in Node and in a browser.
 * @throws INVALID_ARGUMENT for no image, pixels outside [0,1], too few images for the rate that was asked for, or an engine that is not
 *   whole; NUMERICAL, ABORTED
 */
export async function fitInspector(options: FitInspectorOptions): Promise<FittedInspector<Tensor | DecodedImage>> {
  return fittedInspector(options, { read: pixelsOf, nameOf: () => 'inspector.inspect' })
}

/**
 * {@link fitInspector} for images of another kind, which `reading` decodes.
 * @param source what the file notes of its backbone
 */
export async function fittedInspector<I>(
  { images, ...options }: FitSettings & EngineOptions & { readonly images: Iterable<I> | AsyncIterable<I> },
  reading: ImageReading<I>,
  source: Readonly<Record<string, JsonValue>> = {},
): Promise<FittedInspector<I>> {
  const {
    method = { method: 'patchcore' },
    preparation,
    falsePositiveRate,
    folds,
    seed = 0,
    signal,
    onProgress,
  } = options
  const spec = learningSpec(method)
  const layers = layersOf(spec)
  const engine = await openEngine('fitInspector', options, layers)
  try {
    const task = { signal, onProgress }
    const held = await holdPrepared(images, reading.read, preparation, task)
    const numbers = Array.from({ length: held.count }, (_, index) => index)
    const threshold = planThreshold(held.count, { rate: falsePositiveRate, folds })
    const recipe = recipeOf(spec, { ...engine, seed })
    const fitted = await fitDetector({ recipe, images: held, numbers, seed, threshold }, task)
    const { detector, calibration } = fitted
    const inspector = createInspector({
      detector,
      calibration,
      preparation,
      ...reading,
      dispose() {
        detector.dispose()
        engine.dispose()
      },
    })
    return {
      ...inspector,
      images: fitted.images,
      thresholdPlan: fitted.threshold,
      save: (notes = {}) =>
        saveDetector(detector, {
          calibration,
          preparation,
          notes: { ...source, layers, images: { ...fitted.images }, threshold: { ...fitted.threshold }, ...notes },
        }),
    }
  } catch (error) {
    engine.dispose()
    throw error
  }
}
