import type { LayoutName } from '@tab/data'
import * as z from 'zod'
import { DETECTOR_SPEC, type DetectorSpec } from './detector-spec.ts'
import { count, flag, layout, name, rate, seed, size } from './fields.ts'
import { FOREIGN_SPEC, type ForeignSpec } from './foreign-spec.ts'
import { PICTURES_FIELDS, type PicturesSpec } from './pictures-spec.ts'
import type { Size, WrittenOut } from './size.ts'

/** What a detector is fitted on, how, and where it goes; plain JSON. */
export interface FitSpec extends PicturesSpec {
  /** Data set of any layout, or a folder of images of good parts and nothing else. */
  readonly data: string
  /** Default: found by what the folder holds. */
  readonly layout?: LayoutName | undefined
  /** Of a data set with several. */
  readonly category?: string | undefined
  /** Weights: a .safetensors or .onnx file, a folder of a pre-training, a bundled name, or a hub id. Default `tab-resnet18`, which is bundled. */
  readonly backbone?: string | undefined
  /** For an .onnx file of another program. Default: what a JSON file of the same name beside it says. */
  readonly foreign?: ForeignSpec | undefined
  /** The detector's file, .safetensors. */
  readonly output: string
  /** Default: PatchCore with its defaults. */
  readonly detector?: DetectorSpec | undefined
  /** Pixels of a photograph that the smallest defect is wide that must be found: warns where images are reduced too far to see it. Default: unknown. */
  readonly smallestDefect?: number | undefined
  /** Middle part kept after the resize. Default: all of it. */
  readonly crop?: Size | undefined
  /** Of the resize. Default `bilinear`. */
  readonly filter?: 'bilinear' | 'lanczos' | undefined
  /**
   * False positive rate of the threshold, from images held out; false makes no threshold. Default: 0.05 if half of the images support it,
   * else cross-fitted at the lowest rate that they support.
   */
  readonly calibrate?: number | false | undefined
  /** Cross-fit the threshold over so many folds instead of holding images out. */
  readonly folds?: number | undefined
  /** Photographs that look unlike the others: `list` them, `drop` them from the fit, or `skip` the search. Default `list`, with tiles `skip`. */
  readonly suspects?: 'list' | 'drop' | 'skip' | undefined
  /** Images per step. Default: 8, fewer for images above 448 px. */
  readonly batchSize?: number | undefined
  /** Of every random choice. Default 0. */
  readonly seed?: number | undefined
  /** Replace an earlier file. Default false. */
  readonly overwrite?: boolean | undefined
  /** Leave out images that cannot be read, and name them, instead of failing. Default false. */
  readonly skipUnreadable?: boolean | undefined
}

export const FIT_SPEC: z.ZodType<WrittenOut<FitSpec>> = z
  .strictObject({
    data: name,
    layout,
    category: name.optional(),
    backbone: name.optional(),
    foreign: FOREIGN_SPEC.optional(),
    output: name,
    detector: DETECTOR_SPEC.optional(),
    ...PICTURES_FIELDS,
    smallestDefect: z.number().gt(0).optional(),
    crop: size.optional(),
    filter: z.enum(['bilinear', 'lanczos']).optional(),
    calibrate: z.union([rate, z.literal(false)]).optional(),
    folds: z.int().min(2).optional(),
    suspects: z.enum(['list', 'drop', 'skip']).optional(),
    batchSize: count,
    seed,
    overwrite: flag,
    skipUnreadable: flag,
  })
  .refine(({ calibrate, folds }) => calibrate !== false || folds === undefined, {
    path: ['folds'],
    message: 'makes a threshold, which calibrate: false turns off',
  })
