import type { JsonValue } from '@tab/core'
import type { ThresholdPlan } from '../../fit/plan-threshold.ts'
import { rangeNote, type PictureRange } from '../../inspect/picture-range.ts'
import { parityNote, type ParityCertificate } from '../../parity/parity-certificate.ts'
import { backboneNote, type BackboneNote } from '../../inspect/noted-backbone.ts'

/** What `tab fit` notes in a detector file, for `tab predict` to find the backbone. */
export interface DetectorNotes {
  readonly backbone: BackboneNote
  /** Feature layers of the backbone that the detector asks for. */
  readonly layers: readonly string[]
  /** Turned and mirrored copies of each good image that it was fitted on besides. */
  readonly symmetries: readonly string[]
  /** Good images fitted on, and held out for the thresholds. */
  readonly images: { readonly fitted: number; readonly heldOut: number }
  /** How the threshold was made, or why there is none. */
  readonly threshold: ThresholdPlan
  /** Photographs among the good ones that look unlike them; null where they were not checked. */
  readonly suspects: readonly SuspectNote[] | null
  /** Paths of those that were neither fitted nor calibrated on. */
  readonly dropped: readonly string[]
  readonly madeBy: string
  /** Paths of the good images, by the number that the memory bank knows them by. */
  readonly goodImages: readonly string[]
  /** What the pictures of the good parts were like. */
  readonly pictures: PictureRange
  /** What it says of pictures that everybody can draw. */
  readonly parity: ParityCertificate
  /** Pixels of a photograph that the smallest defect is wide that must be found; absent where it was not said. */
  readonly smallestDefect?: number
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
    ...backboneNote(notes.backbone),
    ...parityNote(notes.parity),
    ...rangeNote(notes.pictures),
    images: { ...notes.images },
    threshold: { ...notes.threshold },
    suspects: notes.suspects && notes.suspects.map((suspect) => ({ ...suspect })),
  }
}
