import * as z from 'zod'
import { flag, name } from './fields.ts'

/** Which backbone is written as what; plain JSON. */
export interface ExportSpec {
  /** Name, file, folder of `pretrain` or hub id. */
  readonly backbone: string
  /** File to write: `.onnx` for any runtime, `.safetensors` with torchvision names. */
  readonly output: string
  /** ONNX: feature layers that it puts out. Default: all it has. */
  readonly layers?: readonly string[] | undefined
  /** ONNX: `nhwc` takes RGB in [0,1] and normalises it; `nchw` takes normalised images, as PyTorch does. Default `nhwc`. */
  readonly layout?: 'nhwc' | 'nchw' | undefined
  /** Replace the file. Default false. */
  readonly overwrite?: boolean | undefined
}

const ENDING = /\.(onnx|safetensors)$/

export const EXPORT_SPEC: z.ZodType<ExportSpec> = z
  .strictObject({
    backbone: name,
    output: name.regex(ENDING, { error: 'must end in .onnx or .safetensors' }),
    layers: z.array(name).min(1).optional(),
    layout: z.enum(['nhwc', 'nchw']).optional(),
    overwrite: flag,
  })
  .refine(({ output, layers, layout }) => output.endsWith('.onnx') || (layers ?? layout) === undefined, {
    path: ['layers'],
    error: 'layers and layout are for .onnx files',
  })
