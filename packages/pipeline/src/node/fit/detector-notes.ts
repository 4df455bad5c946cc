import type { JsonValue } from '@tab/core'
import type { ForeignModel } from '@tab/backend-onnx'
import type { ThresholdPlan } from '../../fit/plan-threshold.ts'

/** What `tab fit` notes in a detector file, for `tab predict` to find the backbone. */
export interface DetectorNotes {
  readonly backbone: {
    /** As it was when the detector was fitted. */
    readonly path: string
    readonly name: string
    /** Of an ONNX file of another program. */
    readonly foreign?: ForeignModel
  }
  /** Feature layers of the backbone that the detector asks for. */
  readonly layers: readonly string[]
  /** Good images fitted on, and held out for the thresholds. */
  readonly images: { readonly fitted: number; readonly heldOut: number }
  /** How the threshold was made, or why there is none. */
  readonly threshold: ThresholdPlan
  /** Photographs among the good ones that look unlike them; null where they were not checked. */
  readonly suspects: readonly SuspectNote[] | null
  /** Paths of those that were neither fitted nor calibrated on. */
  readonly dropped: readonly string[]
  readonly madeBy: string
}

/** A suspect, in a detector file and in results. */
export interface SuspectNote {
  readonly path: string
  readonly score: number
  /** Probability that as many good images hold one that scores as high. */
  readonly pValue: number
}

/** The notes as JSON. */
export function formatNotes(notes: DetectorNotes): Readonly<Record<string, JsonValue>> {
  return {
    ...notes,
    backbone: JSON.parse(JSON.stringify(notes.backbone)) as JsonValue,
    images: { ...notes.images },
    threshold: { ...notes.threshold },
    suspects: notes.suspects && notes.suspects.map((suspect) => ({ ...suspect })),
  }
}

/** How to run the backbone where another program wrote it; undefined where it is one of ours. */
export function notedForeign({ backbone }: Readonly<Record<string, JsonValue>>): ForeignModel | undefined {
  return ((backbone ?? {}) as Partial<DetectorNotes['backbone']>).foreign
}
