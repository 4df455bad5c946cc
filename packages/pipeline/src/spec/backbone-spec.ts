import type { Architecture } from '@tab/model'
import * as z from 'zod'
import { architecture, name } from './fields.ts'

/** Weights from a file, a folder of a pre-training or a hub, or random ones, by a name. */
export type BackboneSpec =
  { readonly name: string; readonly weights: string } | { readonly name: string; readonly random: Architecture }

export const BACKBONE_SPEC: z.ZodType<BackboneSpec> = z.union([
  z.strictObject({ name, weights: name }),
  z.strictObject({ name, random: architecture }),
])
