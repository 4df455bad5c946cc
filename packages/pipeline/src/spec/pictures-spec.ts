import * as z from 'zod'
import { flag, name, sizeOrOriginal } from './fields.ts'
import type { Size } from './size.ts'
import { TILES_SPEC, type TilesSpec } from './tiles-spec.ts'

/** How pictures are read, and what of them is looked at. */
export interface PicturesSpec {
  /** `[height, width]` in pixels, one number for both, or `original`: that of the first good image. Default `[224, 224]`, with tiles `original`. */
  readonly imageSize?: Size | 'original' | undefined
  /** How images are resized: `exact`, or `fast` by libvips as they are decoded. Default `exact`. */
  readonly reading?: 'exact' | 'fast' | undefined
  /** File of the part of images that is looked at: polygons as JSON, or an image that marks it, of the size of the first good image. Default: all. */
  readonly region?: string | undefined
  /** File of a part that is not looked at, likewise. Default: none. */
  readonly ignore?: string | undefined
  /** Look at the part alone, on a ground of one colour, wherever it lies. Default false. */
  readonly foreground?: boolean | undefined
  /** Look at tiles of the images instead of whole ones. Default: whole. */
  readonly tiles?: TilesSpec | undefined
}

/** The schemas of {@link PicturesSpec}, for specs that have more. */
export const PICTURES_FIELDS: {
  readonly imageSize: z.ZodOptional<typeof sizeOrOriginal>
  readonly reading: z.ZodOptional<z.ZodEnum<{ exact: 'exact'; fast: 'fast' }>>
  readonly region: z.ZodOptional<z.ZodString>
  readonly ignore: z.ZodOptional<z.ZodString>
  readonly foreground: z.ZodOptional<z.ZodBoolean>
  readonly tiles: z.ZodOptional<z.ZodType<TilesSpec>>
} = {
  imageSize: sizeOrOriginal.optional(),
  reading: z.enum(['exact', 'fast']).optional(),
  region: name.optional(),
  ignore: name.optional(),
  foreground: flag,
  tiles: TILES_SPEC.optional(),
}
