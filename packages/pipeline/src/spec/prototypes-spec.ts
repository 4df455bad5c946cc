import * as z from 'zod'
import { count, flag, name } from './fields.ts'

/** Which sentences are embedded by which text model, and where the two prototypes go; plain JSON. */
export interface PrototypesSpec {
  /** Class of a known data set, such as `metal_nut`, or any noun. */
  readonly class: string
  /** Prompt ensemble. Default `industrial`. */
  readonly preset?: 'winclip' | 'tab' | 'industrial' | undefined
  /** Known defects as adjectives. Default: none. */
  readonly defects?: readonly string[] | undefined
  /** Folder of a text model, hub id, table of embeddings, or `lexical`. */
  readonly model: string
  /** Weights of the model. Default `fp32`. */
  readonly precision?: 'fp32' | 'quantized' | undefined
  /** Unit vectors first, or the mean of raw ones. Default `normalised`. */
  readonly average?: 'normalised' | 'raw' | undefined
  /** Prompts per step. Default 64. */
  readonly batchSize?: number | undefined
  /** Folder that keeps prototypes, by content of the model and prompts. Default: none. */
  readonly cache?: string | undefined
  /** No request to the hub. Default: as HF_HUB_OFFLINE says. */
  readonly offline?: boolean | undefined
  /** File of the prototypes, `.safetensors`. */
  readonly output: string
  /** Replace the file. Default false. */
  readonly overwrite?: boolean | undefined
}

export const PROTOTYPES_SPEC: z.ZodType<PrototypesSpec> = z.strictObject({
  class: name,
  preset: z.enum(['winclip', 'tab', 'industrial']).optional(),
  defects: z.array(name).optional(),
  model: z.string(),
  precision: z.enum(['fp32', 'quantized']).optional(),
  average: z.enum(['normalised', 'raw']).optional(),
  batchSize: count,
  cache: name.optional(),
  offline: flag,
  output: name,
  overwrite: flag,
})
