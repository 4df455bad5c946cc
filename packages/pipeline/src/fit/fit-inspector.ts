import { saveDetector, type Preparation } from '@tab/adapters'
import type { JsonValue, LongTaskOptions, Tensor } from '@tab/core'
import { createInspector, type Inspector } from '../inspect/inspector.ts'
import { makeCertificate, parityNote } from '../parity/parity-certificate.ts'
import { regionMask, type WhereToLook } from '../inspect/region-mask.ts'
import { openEngine, type EngineOptions } from '../inspect/open-engine.ts'
import type { ImageReading } from '../inspect/open-inspector.ts'
import { pixelsOf, type DecodedImage } from '../inspect/pixels-of.ts'
import { copiesOf, layersOf, LEARNING_SPEC, recipeOf, type LearningSpec } from '../spec/detector-spec.ts'
import { parseSpec } from '../spec/parse-spec.ts'
import { fitDetector, type FittedDetector } from './fit-detector.ts'
import { lookingRecipe } from './looking-recipe.ts'
import { planThreshold } from './plan-threshold.ts'
import type { TilesSpec } from '../spec/tiles-spec.ts'
import { measuredSource } from './measured-source.ts'
import { rangeNote } from '../inspect/picture-range.ts'
import { goodSource } from './good-source.ts'

/** A method that learns from good images, and its settings: `{ method: 'patchcore', coresetRatio: 0.1 }`, `{ method: 'padim' }`. */
export type FitMethod = LearningSpec

/** How images are prepared for a fit: whole, or to be looked at in tiles. */
export interface FitPreparation extends Omit<Preparation, 'size'> {
  /** `[height, width]` to resize to. Default: 224 x 224; with tiles, the size of the first image. */
  readonly size?: Preparation['size'] | undefined
  /** The part of images that is looked at; polygons and masks are in pixels of the first image as it is passed in. */
  readonly look?: WhereToLook | undefined
  /** Look at the part alone, on a ground of one colour, wherever it lies. Default false. */
  readonly foreground?: boolean | undefined
  /** Look at tiles of the images. They are then read again for every fit, instead of being kept in memory. */
  readonly tiles?: TilesSpec | undefined
}

/** How a detector is fitted, whatever its images are and wherever its backbone is from. */
export interface FitSettings extends LongTaskOptions {
  /** Method and settings. Default: PatchCore as it is. */
  readonly method?: FitMethod | undefined
  /** How images are prepared; the file keeps it. */
  readonly preparation: FitPreparation
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
  /** Good parts: [H,W,3] or batches [N,H,W,3] in [0,1], or decoded pixels. Read once and kept in memory as prepared, without tiles. */
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
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { syntheticParts } from '@tab/data'
 * import { fitInspector } from '@tab/pipeline'
 * import * as ort from 'onnxruntime-node'
 *
 * const parts = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 })
 * const inspector = await fitInspector({
 *   images: [0, 1, 2, 3].map((index) => parts.normal(index).image),
 *   backbone: await readFile('resnet18.onnx'),
 *   ort,
 *   preparation: { size: [64, 64] },
 * })
 * console.log(inspector.thresholdPlan) // { method: 'cross-fitted', rate: 0.2, folds: 4, isDefault: true }
 * inspector.dispose()
 * ```
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
    preparation: given,
    falsePositiveRate,
    folds,
    seed = 0,
    signal,
    onProgress,
  } = options
  const where = 'fitInspector'
  const spec = parseSpec(LEARNING_SPEC, method, `${where}.method`)
  const layers = layersOf(
    spec,
    options.foreign?.layers.map(({ name }) => name),
  )
  const engine = await openEngine(where, options, layers)
  let fitted: FittedDetector | undefined
  try {
    const task = { signal, onProgress }
    const { held, preparation, original } = await goodSource(where, images, reading, given, task)
    const { tiles, look = {} } = given
    const mask = regionMask(`${where}.preparation.look`, look, preparation, original)
    const numbers = Array.from({ length: held.count }, (_, index) => index)
    const threshold = planThreshold(held.count, { rate: falsePositiveRate, folds })
    const recipe = lookingRecipe(
      recipeOf({ ...spec, layers }, { ...engine, seed }),
      tiles,
      mask,
      given.foreground ?? false,
    )
    const isReadAgain = tiles !== undefined
    const measured = measuredSource(held)
    fitted = await fitDetector({ recipe, images: measured, numbers, seed, threshold, isReadAgain }, task)
    const { detector, calibration, images: numbered, threshold: thresholdPlan } = fitted
    const parity = await makeCertificate(detector, preparation, { signal })
    const inspector = createInspector({
      detector,
      calibration,
      preparation,
      parity,
      ...reading,
      dispose() {
        detector.dispose()
        engine.dispose()
      },
    })
    return {
      ...inspector,
      images: numbered,
      thresholdPlan,
      save: (notes = {}) =>
        saveDetector(detector, {
          calibration,
          preparation,
          notes: {
            ...{ ...source, layers, symmetries: copiesOf(spec) },
            ...{ images: { ...numbered }, threshold: { ...thresholdPlan }, ...notes },
            ...parityNote(parity),
            ...rangeNote(measured.range(original)),
          },
        }),
    }
  } catch (error) {
    fitted?.detector.dispose()
    engine.dispose()
    throw error
  }
}
