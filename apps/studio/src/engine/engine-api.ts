import type { Region } from '@tab/pipeline'

/** A photograph to learn from. */
export interface GoodPicture {
  readonly id: number
  readonly name: string
  readonly blob: Blob
}

export interface LearnRequest {
  /** In the order that the detector file numbers them in. */
  readonly pictures: readonly GoodPicture[]
  /** Side, in pixels, of a square with as many pixels as pictures are reduced to. */
  readonly side: number
}

export interface LearnProgress {
  readonly phase: 'read' | 'learn'
  readonly done: number
  readonly total: number
}

/** A photograph among the good ones that looks unlike the others. */
export interface Suspect {
  readonly name: string
  /** Probability that as many good pictures hold one as unlike the others. */
  readonly pValue: number
}

export interface Learned {
  /** The detector file. */
  readonly file: Uint8Array
  readonly seconds: number
  /** Of pixels and features, kept for the next fit. */
  readonly heldBytes: number
}

/** What is known of a detector file. */
export interface DetectorSummary {
  readonly threshold: number | null
  /** Null where nothing guarantees one. */
  readonly guaranteedRate: number | null
  /** Scores of the good pictures that the threshold was made of, ascending. */
  readonly scores: readonly number[]
  /** `[height, width]` that pictures are brought to. */
  readonly size: readonly [number, number]
  readonly method: string
  /** Names of the good pictures, by their number; empty where the file has none. */
  readonly goodImages: readonly string[]
}

/** What came of opening a file: a detector, or the name of the backbone that it was made on and that must be chosen. */
export type Opened = { readonly detector: DetectorSummary } | { readonly needsBackbone: string }

/** A part of a picture, as shares of its width and height. */
export interface Place {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** What makes a finding visible. */
export interface FindingPicture {
  readonly heat: ImageData
  /** SVG path around the regions, in pixels of `heat`. */
  readonly outline: string
  /** Where the heat lies in the picture. */
  readonly place: Place
}

/** What was found in a picture. */
export interface Finding {
  /** Null where it could not be scored; `reason` says why. */
  readonly score: number | null
  readonly reason: string | null
  readonly pValue: number | null
  readonly regions: readonly Region[]
  readonly warnings: readonly string[]
  /** `[height, width]` */
  readonly original: readonly [number, number]
  readonly picture: FindingPicture | null
}

export interface EngineInfo {
  readonly threads: number
}

/** What the worker does. */
export interface EngineApi {
  /** Loads runtime and backbone. */
  start(): Promise<EngineInfo>
  learn(request: LearnRequest, onProgress: (progress: LearnProgress) => void): Promise<Learned>
  /** Looks for pictures unlike the others, null where there are too few; it ends, with an error, when a fit begins. */
  compare(request: LearnRequest): Promise<readonly Suspect[] | null>
  open(file: Uint8Array, backbone?: Uint8Array): Promise<Opened>
  look(source: Blob | ImageBitmap, isDrawn: boolean): Promise<Finding>
}
