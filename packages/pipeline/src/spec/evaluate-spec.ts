import type { LayoutName } from '@tab/data'
import * as z from 'zod'
import { BACKBONE_SPEC, type BackboneSpec } from './backbone-spec.ts'
import { DETECTOR_SPEC, type DetectorSpec } from './detector-spec.ts'
import { count, flag, layout, name, rate, seed, sizeOrOriginal } from './fields.ts'
import { FOREIGN_SPEC, type ForeignSpec } from './foreign-spec.ts'
import type { Size, WrittenOut } from './size.ts'
import { TILES_SPEC, type TilesSpec } from './tiles-spec.ts'

/** How pixel metrics are computed: over all distinct scores, which keeps every map, or over bins of scores with a bound of the error. */
export const PIXEL_METRICS = ['exact', 'bounded'] as const
export type PixelMetricsMode = (typeof PIXEL_METRICS)[number]

/** What is compared on one data set: one detection method on one or several backbones; plain JSON. */
export interface ComparisonSpec {
  /** Data set of any layout. */
  readonly data: string
  /** Default: found by what the folder holds. */
  readonly layout?: LayoutName | undefined
  /** Of a data set with several. */
  readonly category?: string | undefined
  /** Fit on so many of the good training images, drawn by the seed. Default: all. */
  readonly shots?: number | undefined
  /** One, called by its file in reports, or several, called by their names, which must differ. */
  readonly backbones?: readonly BackboneSpec[] | undefined
  /** For .onnx files of other programs. Default: what a JSON file of the same name beside each says. */
  readonly foreign?: ForeignSpec | undefined
  /** Default: PatchCore with its defaults. */
  readonly detector?: DetectorSpec | undefined
  /** `[height, width]` in pixels, one number for both, or `original`: that of the first good image. Default `[224, 224]`, with tiles `original`. */
  readonly imageSize?: Size | 'original' | undefined
  /** How images are resized: `exact`, or `fast` by libvips as they are decoded. Default `exact`. */
  readonly reading?: 'exact' | 'fast' | undefined
  /** File of the part of images that is looked at: polygons as JSON, or an image that marks it, of the size of the first good image. Default: all. */
  readonly region?: string | undefined
  /** File of a part that is not looked at, likewise. Default: none. */
  readonly ignore?: string | undefined
  /** Look at tiles of the images instead of whole ones. Default: whole. */
  readonly tiles?: TilesSpec | undefined
  /** False positive rate of a threshold drawn from good training images held out of the fit. Default: no threshold. */
  readonly calibrate?: number | undefined
  /** Images per step. Default: 8, fewer for images above 448 px. */
  readonly batchSize?: number | undefined
  /** Default: exact up to 2^26 pixels, bounded beyond. */
  readonly pixelMetrics?: PixelMetricsMode | undefined
  /** Of every random choice. Default 0. */
  readonly seed?: number | undefined
  /** Leave out images that cannot be read, and name them, instead of failing. Default false. */
  readonly skipUnreadable?: boolean | undefined
}

/** A comparison and where its results go; plain JSON. */
export interface EvaluateSpec extends ComparisonSpec {
  /** Folder for results.json and report.html. */
  readonly output: string
  /** Replace an earlier result. Default false. */
  readonly overwrite?: boolean | undefined
}

export const EVALUATE_SPEC: z.ZodType<WrittenOut<EvaluateSpec>> = z.strictObject({
  data: name,
  layout,
  category: name.optional(),
  shots: count,
  backbones: z
    .array(BACKBONE_SPEC)
    .min(1)
    .refine((all) => new Set(all.map((each) => each.name)).size === all.length, 'two of one name')
    .optional(),
  foreign: FOREIGN_SPEC.optional(),
  detector: DETECTOR_SPEC.optional(),
  imageSize: sizeOrOriginal.optional(),
  tiles: TILES_SPEC.optional(),
  region: name.optional(),
  ignore: name.optional(),
  reading: z.enum(['exact', 'fast']).optional(),
  calibrate: rate.optional(),
  batchSize: count,
  pixelMetrics: z.enum(PIXEL_METRICS).optional(),
  seed,
  output: name,
  overwrite: flag,
  skipUnreadable: flag,
})
