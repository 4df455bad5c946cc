import type { TabErrorCode } from '@tab/core'
import type { DecodedImage, Region } from '@tab/pipeline'

/** A detector file of the server's own folder, named by the digest of its bytes. */
export interface ModelFile {
  readonly path: string
  readonly digest: string
  readonly bytes: number
}

/** An image for a thread: the bytes of a file, the path of one that was allowed, or decoded pixels. */
export type ImageSource = Uint8Array | string | DecodedImage

/** What an answer shows of the anomaly map. */
export type MapFormat = 'none' | 'png' | 'float32'

export interface InspectTask {
  readonly model: ModelFile
  readonly image: ImageSource
  /** In place of that of the file; null takes the one in the file. */
  readonly threshold: number | null
  readonly map: MapFormat
  /** Milliseconds since 1970 from which on nobody waits for the answer any more. */
  readonly deadline: number | null
  /** Milliseconds since 1970. */
  readonly sent: number
}

/** Milliseconds of each stage. */
export interface StageTimes {
  /** Until a thread took it. */
  readonly queued: number
  /** Opening the detector, 0 where it is open. */
  readonly open: number
  /** Reading, decoding, preparing, scoring. */
  readonly inspect: number
}

/** What a thread says of an image. */
export interface Inspected {
  readonly kind: 'inspected'
  readonly inspection: ThreadInspection
  /** PNG, or float32 little-endian of `mapShape`. */
  readonly map: Uint8Array | null
  readonly mapShape: readonly number[] | null
  readonly times: StageTimes
}

/** The part of an inspection that needs no picture. */
export interface ThreadInspection {
  readonly verdict: 'good' | 'anomalous' | 'not-judged'
  readonly reason: string | null
  readonly score: number | null
  readonly threshold: number | null
  readonly pixelThreshold: number | null
  readonly guaranteedRate: number | null
  readonly pValue: number | null
  readonly normalizedScore: number | null
  readonly regions: readonly Region[]
  /** SHA-256 of the bytes of the image file, or of decoded pixels. */
  readonly imageDigest: string
}

/** A task that has no inspection, and why. */
export type NotInspected =
  { readonly kind: 'late' } | { readonly kind: 'refused'; readonly code: TabErrorCode; readonly message: string }

export type InspectAnswer = Inspected | NotInspected

/** A detector file before it is served. */
export interface CheckTask {
  readonly model: ModelFile
}

export type CheckAnswer =
  | {
      readonly kind: 'sound'
      readonly threshold: number | null
      readonly guaranteedRate: number | null
      /** Scores of good images, ascending; null where the file has none. */
      readonly goodScores: Float64Array | null
      readonly imageSize: readonly [number, number]
    }
  | { readonly kind: 'refused'; readonly code: TabErrorCode; readonly message: string }

/** Good images for a detector to know too. */
export interface LearnTask {
  readonly model: ModelFile
  /** Paths of image files. */
  readonly images: readonly string[]
  /** What the detector file calls them. */
  readonly names: readonly string[]
}

export type LearnAnswer =
  | { readonly kind: 'learned'; readonly file: Uint8Array }
  | { readonly kind: 'refused'; readonly code: TabErrorCode; readonly message: string }

/** What every thread is started with. */
export interface ThreadData {
  /** Bytes of detector files that it may hold open. */
  readonly memory: number
  /** Whether pictures unlike those of the good parts are not judged. */
  readonly checkPictures: boolean
  /** Most of a decoded image. */
  readonly pixels: number
}
