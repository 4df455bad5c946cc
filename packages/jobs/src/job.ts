import type { FitSpec } from '@tab/pipeline'
import type { CellJob } from '@tab/pipeline/node'
import * as z from 'zod'

/** What every job has. */
export interface AnyJob {
  /** Digest of everything that decides the result, inputs by their bytes: the name of the result. */
  readonly key: string
  /** What people call it. */
  readonly title: string
  /** Absolute path of the folder of results, the same on every machine. */
  readonly store: string
}

/** A cell of `tab benchmark`. */
export interface CellTask extends AnyJob {
  readonly kind: 'evaluate-cell'
  readonly cell: CellJob['cell']
  /** Whether features go through the cache, image by image. */
  readonly isCached: boolean
}

/** A fit of a detector. */
export interface FitJob extends AnyJob {
  readonly kind: 'fit'
  /** Paths in it are absolute. */
  readonly spec: FitSpec
}

/** What a job carries: a spec of a task and its inputs by digest; plain JSON. */
export type Job = CellTask | FitJob

const any = { key: z.string().regex(/^[0-9a-f]{32}$/), title: z.string(), store: z.string().min(1) }

/** Of a job as it comes from the queue; what it carries is checked by the task. */
export const JOB: z.ZodType<Job> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('evaluate-cell'),
    ...any,
    cell: z.custom<CellJob['cell']>((value) => typeof value === 'object' && value !== null),
    isCached: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('fit'),
    ...any,
    spec: z.custom<FitSpec>((value) => typeof value === 'object' && value !== null),
  }),
])
