import * as z from 'zod'

/** Where images come from besides requests; plain JSON. */
export interface SourceSpec {
  readonly type: 'folder'
  /** Product that its images are of. */
  readonly product: string
  /** The folder, with all below it. */
  readonly path: string
  /** Milliseconds without a change after which an image that cannot be read is given up. Default 10000. */
  readonly settle?: number | undefined
  /** Leave alone what is there when the server starts. Default false: it is inspected, unless the store has its result. */
  readonly newOnly?: boolean | undefined
}

export const SOURCE_SPEC: z.ZodType<SourceSpec> = z.strictObject({
  type: z.literal('folder'),
  product: z.string().min(1).max(100),
  path: z.string().min(1),
  settle: z.int().min(0).optional(),
  newOnly: z.boolean().optional(),
})
