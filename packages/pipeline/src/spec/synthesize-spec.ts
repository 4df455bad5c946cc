import * as z from 'zod'
import { KIND_NAMES } from './anomaly-kinds.ts'
import { count, flag, name, seed, size } from './fields.ts'
import type { Size, WrittenOut } from './size.ts'

/** What anomalies are made of, how many, and where they go; plain JSON. */
export interface SynthesizeSpec {
  /** Data set of any layout, or a folder of images of good parts and nothing else. */
  readonly input: string
  /** Folder for images, masks, reports.jsonl and contact-sheet.png. */
  readonly output: string
  /** Kind of defect, of `KIND_NAMES`. Default `all`. */
  readonly kind?: string | undefined
  /** Pairs. Default 24. */
  readonly count?: number | undefined
  /** Of every random choice. Default 0. */
  readonly seed?: number | undefined
  /** `[height, width]` that images are resized to first. Default: none. */
  readonly imageSize?: Size | undefined
  /** Threads; 1 works in the main one, and the pairs are the same for any number. Default 1. */
  readonly workers?: number | undefined
  /** Leave out images that cannot be read or take no defect, and name them, instead of failing. Default false. */
  readonly skipUnsuitable?: boolean | undefined
  /** Replace an earlier result. Default false. */
  readonly overwrite?: boolean | undefined
}

export const SYNTHESIZE_SPEC: z.ZodType<WrittenOut<SynthesizeSpec>> = z.strictObject({
  input: name,
  output: name,
  kind: z.enum(KIND_NAMES).optional(),
  count,
  seed,
  imageSize: size.optional(),
  workers: count,
  skipUnsuitable: flag,
  overwrite: flag,
})
