import * as z from 'zod'

/** How to run an ONNX file that another program wrote: one that takes normalised images [N,3,H,W] and gives feature maps [N,C,h,w] or tokens [N,T,C]. */
export interface ForeignSpec {
  /** Outputs of its graph that are feature maps or tokens, shallow first. Default: the layers of the detector. */
  readonly layers?: readonly string[] | undefined
  /** Mean of each channel for RGB in [0,1]. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
  /** Where outputs are tokens of a vision transformer: the side of a patch in pixels, and the class and register tokens before those of patches. */
  readonly tokens?: { readonly patchSize: number; readonly prefix: number } | undefined
}

const channel = z.number().min(0).max(1) // of photographs in [0,1]; numbers for 0..255 would make every feature wrong in silence
const deviation = z.number().gt(0).max(1)

export const FOREIGN_SPEC: z.ZodType<ForeignSpec> = z.strictObject({
  layers: z.array(z.string().min(1)).min(1).optional(),
  mean: z.tuple([channel, channel, channel]),
  std: z.tuple([deviation, deviation, deviation]),
  tokens: z.strictObject({ patchSize: z.int().min(1), prefix: z.int().min(0) }).optional(),
})
