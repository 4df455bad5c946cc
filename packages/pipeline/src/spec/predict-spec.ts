import * as z from 'zod'
import { count, flag, name } from './fields.ts'

/** Which images are scored, by which detector, and where heatmaps go; plain JSON. */
export interface PredictSpec {
  /** Image files, folders (all images below) or patterns such as `line/*.png`. */
  readonly inputs: readonly string[]
  /** Detector file of `fit`. */
  readonly model: string
  /** The backbone it was fitted with, path or hub id. Default: where it was then. */
  readonly backbone?: string | undefined
  /** Instead of the one in the file; a score above is anomalous. */
  readonly threshold?: number | undefined
  /** Side of the smallest defect in pixels of the photograph; warns where it cannot be seen. */
  readonly smallestDefect?: number | undefined
  /** Folder for a picture of each image with its anomaly map; never one of the inputs. Default: none. */
  readonly heatmaps?: string | undefined
  /** Replace heatmaps of earlier runs. Default false: later ones of a name get a number. */
  readonly overwrite?: boolean | undefined
  /** Images per step. Default: 8, fewer for images above 448 px. */
  readonly batchSize?: number | undefined
  /** Score what is there, then whatever comes or changes, until the signal; `new` leaves out what is there. Default: what is there alone. */
  readonly watch?: 'all' | 'new' | undefined
  /** Milliseconds after which a watched image that cannot be read, unchanged for so long, is given up. Default 10,000. */
  readonly settle?: number | undefined
  /** Go on after images that cannot be read, which are named and not judged, instead of failing. Default false; a watch always does. */
  readonly skipUnreadable?: boolean | undefined
}

export const PREDICT_SPEC: z.ZodType<PredictSpec> = z.strictObject({
  inputs: z.array(name).min(1),
  model: name,
  backbone: name.optional(),
  threshold: z.number().optional(),
  smallestDefect: z.number().positive().optional(),
  heatmaps: name.optional(),
  overwrite: flag,
  batchSize: count,
  watch: z.enum(['all', 'new']).optional(),
  settle: z.int().min(0).optional(),
  skipUnreadable: flag,
})
