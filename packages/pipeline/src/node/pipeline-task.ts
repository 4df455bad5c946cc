import type { LongTaskOptions } from '@tab/core'
import { VERSION } from '../version.ts'

/** What every task takes besides its spec: what cannot be written as JSON. */
export interface PipelineTask extends LongTaskOptions {
  /** Called with each thing that a reader must know, in one line. */
  readonly onNote?: ((note: string) => void) | undefined
  /** The program that runs the task, with its version, for the record. Default: this package. */
  readonly madeBy?: string | undefined
}

/** What goes into the record of a task that does not say which program it runs for. */
export const THIS_PACKAGE: string = `@tab/pipeline ${VERSION}`
