import type { LayoutName } from '@tab/data'
import * as z from 'zod'
import { flag, layout, name, seed, size } from './fields.ts'
import type { Size } from './size.ts'

/** Detection methods that are compared: those that learn from good images. */
export const CHOOSABLE_METHODS = ['patchcore', 'padim', 'subspace'] as const
export type ChoosableMethod = (typeof CHOOSABLE_METHODS)[number]

/** What is compared to choose what fits a product, and within which limits; plain JSON. */
export interface ChooseSpec {
  /** Data set of any layout, or a folder of images of good parts and nothing else. Defects in it are judged too. */
  readonly data: string
  /** Default: found by what the folder holds. */
  readonly layout?: LayoutName | undefined
  /** Of a data set with several. */
  readonly category?: string | undefined
  /** Weights to compare, by names. Default: `tab-resnet18`, which is bundled, alone. */
  readonly backbones?: readonly { readonly name: string; readonly weights: string }[] | undefined
  /** Methods to compare. Default: all of {@link CHOOSABLE_METHODS}. */
  readonly detectors?: readonly ChoosableMethod[] | undefined
  /** Sizes of whole images to compare. Default: some around 224 px, and tiles where photographs are larger. */
  readonly imageSizes?: readonly Size[] | undefined
  /** How images are resized. Default: `exact` for photographs below a million pixels, `fast` for larger ones. */
  readonly reading?: 'exact' | 'fast' | undefined
  /** Most milliseconds that an image may take on this machine, from its file to its score. Default: no limit. */
  readonly maxMs?: number | undefined
  /** Most megabytes that the detector's file may have. Default: no limit. */
  readonly maxMb?: number | undefined
  /** Time for all of it; what is not tried in it is said. Default 10. */
  readonly minutes?: number | undefined
  /** Of every random choice. Default 0. */
  readonly seed?: number | undefined
  /** Folder for choice.json and report.html. */
  readonly output: string
  /** Replace an earlier result. Default false. */
  readonly overwrite?: boolean | undefined
}

/** A {@link ChooseSpec} with its sizes written out. */
export type ChooseSpecWrittenOut = Omit<ChooseSpec, 'imageSizes'> & {
  readonly imageSizes?: readonly (readonly [number, number])[] | undefined
}

const limit = z.number().gt(0).optional()

export const CHOOSE_SPEC: z.ZodType<ChooseSpecWrittenOut> = z.strictObject({
  data: name,
  layout,
  category: name.optional(),
  backbones: z
    .array(z.strictObject({ name, weights: name }))
    .min(1)
    .refine((all) => new Set(all.map((each) => each.name)).size === all.length, 'two of one name')
    .optional(),
  detectors: z.array(z.enum(CHOOSABLE_METHODS)).min(1).optional(),
  imageSizes: z.array(size).min(1).optional(),
  reading: z.enum(['exact', 'fast']).optional(),
  maxMs: limit,
  maxMb: limit,
  minutes: limit,
  seed,
  output: name,
  overwrite: flag,
})
