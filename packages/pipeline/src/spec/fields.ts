import { LAYOUT_NAMES, type LayoutName } from '@tab/data'
import { ARCHITECTURES, type Architecture } from '@tab/model'
import * as z from 'zod'

// Fields that several specs have.

export const name: z.ZodString = z.string().min(1)
export const layout: z.ZodOptional<z.ZodType<LayoutName>> = z.enum(LAYOUT_NAMES).optional()
export const architecture: z.ZodType<Architecture> = z.enum(ARCHITECTURES)
export const count: z.ZodOptional<z.ZodInt> = z.int().min(1).optional()
export const seed: z.ZodOptional<z.ZodInt> = z.int().min(0).optional()
export const flag: z.ZodOptional<z.ZodBoolean> = z.boolean().optional()
/** Above 0 and below 1. */
export const rate: z.ZodNumber = z.number().gt(0).lt(1)

const side = z.int().min(32).max(16384)
/** A `Size`, written out. */
export const size: z.ZodType<readonly [number, number]> = z.union([
  side.transform((both): [number, number] => [both, both]),
  z.tuple([side, side]),
])
/** A {@link size}, or that which images have. */
export const sizeOrOriginal: z.ZodType<readonly [number, number] | 'original'> = z.union([size, z.literal('original')])
