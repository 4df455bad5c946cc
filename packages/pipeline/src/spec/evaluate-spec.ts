import type { LayoutName } from '@tab/data'
import * as z from 'zod'
import { BACKBONE_SPEC, type BackboneSpec } from './backbone-spec.ts'
import { DETECTOR_SPEC, type DetectorSpec } from './detector-spec.ts'
import { count, flag, layout, name, rate, seed } from './fields.ts'
import { FOREIGN_SPEC, type ForeignSpec } from './foreign-spec.ts'
import { PICTURES_FIELDS, type PicturesSpec } from './pictures-spec.ts'
import type { WrittenOut } from './size.ts'

/** How pixel metrics are computed: over all distinct scores, which keeps every map, or over bins of scores with a bound of the error. */
export const PIXEL_METRICS = ['exact', 'bounded'] as const
export type PixelMetricsMode = (typeof PIXEL_METRICS)[number]

/** What is compared on one data set: one detection method on one or several backbones; plain JSON. */
export interface ComparisonSpec extends PicturesSpec {
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
  ...PICTURES_FIELDS,
  calibrate: rate.optional(),
  batchSize: count,
  pixelMetrics: z.enum(PIXEL_METRICS).optional(),
  seed,
  output: name,
  overwrite: flag,
  skipUnreadable: flag,
})
