import * as z from 'zod'

/** How to run an ONNX file that another program wrote: one that takes normalised images [N,3,H,W] and gives feature maps [N,C,h,w]. */
export interface ForeignSpec {
  /** Outputs of its graph that are feature maps, shallow first. Default: the layers of the detector. */
  readonly layers?: readonly string[] | undefined
  /** Mean of each channel for RGB in [0,1]. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

const channel = z.number().min(0).max(1) // of photographs in [0,1]; numbers for 0..255 would make every feature wrong in silence
const deviation = z.number().gt(0).max(1)

export const FOREIGN_SPEC: z.ZodType<ForeignSpec> = z.strictObject({
  layers: z.array(z.string().min(1)).min(1).optional(),
  mean: z.tuple([channel, channel, channel]),
  std: z.tuple([deviation, deviation, deviation]),
})
