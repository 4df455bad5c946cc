import type { LearningSpec } from '../spec/detector-spec.ts'
import type { FitSpec } from '../spec/fit-spec.ts'
import type { TilesSpec } from '../spec/tiles-spec.ts'

/** A metric with its 95 % interval over photographs; null where that is not known. */
export interface Figure {
  readonly value: number
  readonly interval: readonly [number, number] | null
}

/** How well a candidate tells defects from good parts; null where a metric is not defined, as without masks. */
export interface Quality {
  readonly imageAuroc: Figure
  readonly pixelAuroc: Figure | null
  readonly aupro: Figure | null
}

/** How many synthetic defects of a width are above the threshold. */
export interface FoundDefects {
  /** In pixels of the photograph. */
  readonly width: number
  readonly found: number
  readonly of: number
}

/** What a candidate costs on the machine it was measured on. */
export interface ChoiceCost {
  /** From the file of an image to its score, the median of a few images one by one. */
  readonly milliseconds: number
  /** Of these, what reading and resizing take. */
  readonly readMilliseconds: number
  /** Of the detector's file, without the backbone. */
  readonly megabytes: number
  /** Vectors of its memory bank; null for a method without one. */
  readonly bankSize: number | null
  /** Of the fit with its threshold. */
  readonly fitSeconds: number
}

/** What became of a candidate. `as good`: no worse than the best by what can be told, and not the cheapest of these. */
export type Standing = 'chosen' | 'as good' | 'worse' | 'over the limits'

/** Something to fit, as it was measured. */
export interface MeasuredCandidate {
  /** What it is called, such as `patchcore, 224 x 224 px`. */
  readonly name: string
  readonly backbone: string
  readonly detector: LearningSpec
  readonly imageSize: readonly [number, number] | 'original'
  readonly tiles: TilesSpec | null
  readonly reading: 'exact' | 'fast'
  /** On synthetic defects; null where none could be painted. */
  readonly synthetic: Quality | null
  /** On the defects of the data set; null where it has none, or too few. */
  readonly real: Quality | null
  /** As `tab fit` draws it from the images fitted on; null where they are too few for one. */
  readonly threshold: {
    readonly value: number
    /** Of false alarms, as promised. */
    readonly rate: number
    readonly isGuaranteed: boolean
  } | null
  /** Good images above the threshold, of all that were judged; null without a threshold. */
  readonly falseAlarms: { readonly found: number; readonly of: number } | null
  /** By width, ascending; null without a threshold. */
  readonly found: readonly FoundDefects[] | null
  /** Width in pixels of the photograph from which on nine of ten synthetic defects are found; null where there is none. */
  readonly smallestDefect: number | null
  readonly cost: ChoiceCost
  readonly standing: Standing
  /** What it was last compared with; null of that itself, and of what is over the limits. */
  readonly gap: {
    /** Name of the best. */
    readonly best: string
    readonly on: 'real' | 'synthetic'
    /** In image AUROC, the best minus this one, and its 95 % interval over the same photographs. */
    readonly difference: number
    readonly interval: readonly [number, number]
  } | null
}

/** A candidate without figures, and why. */
export interface UntriedCandidate {
  readonly name: string
  readonly reason: string
}

/** Image AUROC of the choice over the number of good images that it is fitted on. */
export interface NormalsCurve {
  /** What it is judged on: the defects of the data set, unless the choice tells all of them apart; else synthetic ones. */
  readonly on: 'real' | 'synthetic'
  readonly points: readonly (Figure & {
    readonly images: number
    /** Lowest and highest of several draws of so many images; equal for one. */
    readonly draws: readonly [number, number]
  })[]
  /** From so many on nothing more is gained than 0.01; null where the curve still rises at its end. */
  readonly enough: number | null
  /** Whether time ran out before the curve was whole. */
  readonly isCutShort: boolean
}

/** Content of `choice.json`. */
export interface Choice {
  readonly schema: 'tab.choice/1'
  readonly dataset: string
  /** `[height, width]` of the photographs. */
  readonly photograph: readonly [number, number]
  readonly images: {
    /** Good images that every candidate was fitted and its threshold drawn on. */
    readonly fitted: number
    /** Other good images, which no fit saw. */
    readonly good: number
    /** Synthetic defects, painted on some of these. */
    readonly synthetic: number
    /** Defects of the data set. */
    readonly real: number
  }
  /** What decided: the defects of the data set, and synthetic ones among what they cannot tell apart; or synthetic ones alone. */
  readonly judgedBy: 'real' | 'synthetic'
  readonly limits: { readonly milliseconds: number | null; readonly megabytes: number | null; readonly minutes: number }
  /** In the order in which they were tried. */
  readonly candidates: readonly MeasuredCandidate[]
  readonly untried: readonly UntriedCandidate[]
  /** Name of the choice; null where nothing is within the limits. */
  readonly chosen: string | null
  /** Name of what comes nearest to the limits, where nothing is within them. */
  readonly nearest: string | null
  readonly curve: NormalsCurve | null
  /** What `tab fit` and `fit` take to fit the choice on all good images. */
  readonly fit: FitSpec | null
  /** The same as a command; null for programs that have none. */
  readonly command: string | null
  /** What must be read with the figures. */
  readonly notes: readonly string[]
  readonly madeBy: string
}

/** What synthetic defects do not show, in plain words; stands below every choice. */
export const LIMITS_OF_SYNTHETIC: readonly string[] = [
  'Synthetic defects are spots and scratches on the surface. Missing, wrong or misplaced parts, dents, and what only another light or another side shows are not among them.',
  'They are painted evenly over the part. Yours may come where few good images agree: at edges, in shadows, on print.',
  'The width of the smallest defect found holds for spots and scratches of the painted contrast. A fainter defect must be wider, a stronger one may be smaller.',
  'All good images are from the same folder, so what changes on another day (light, camera, batch) is not in the figures.',
  'A ranking on synthetic defects is a beginning. Ten photographs of real defects say more: put them into test/NAME of the data set and choose again.',
]
