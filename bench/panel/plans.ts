import { PART_KINDS } from '@tab/data'
import type { BenchmarkSpec, PretrainSpec } from '@tab/pipeline'

/** A way to train and to finish weights, which the panel judges. */
export interface Recipe {
  readonly name: string
  /** What differs from `tab pretrain` as it is. Recipes that train alike share their trainings. */
  readonly training: Pick<PretrainSpec, 'preset' | 'settings' | 'anomalies' | 'textModel'>
  /** Share of the trained weights; the rest are the initial ones. */
  readonly share: number
}

/** What is trained on what, and evaluated how. */
export interface PanelPlan {
  /** Sets that may be trained on where their fold is not left out. */
  readonly sets: readonly string[]
  /** Sets that no training sees. */
  readonly unseen: readonly string[]
  /** How many folds `sets` are divided into: as many as there are sets leaves each out alone. */
  readonly folds: number
  readonly recipes: readonly Recipe[]
  readonly trainingSeeds: readonly number[]
  readonly subsetSeeds: readonly number[]
  readonly shots: NonNullable<BenchmarkSpec['shots']>
  readonly detectors: BenchmarkSpec['detectors']
}

/** Real sets by the names of their folders. What states no licence is evaluated on, not trained on. */
const REAL = ['aws-cookies', 'aws-circuitboard', 'deeppcb', 'hazelnut-toy']
const WITHOUT_LICENCE = ['magnetic-tile']

/** The demo shows these four: the weights that are shipped have not seen them. */
const OF_THE_DEMO = ['washer', 'tablet', 'brushed-metal', 'fabric']
const LEARNED_FAMILIES = PART_KINDS.filter((part) => !OF_THE_DEMO.includes(part))

const PATCHCORE = [
  { name: 'PatchCore', method: 'patchcore', coresetRatio: 1, shots: [1, 2, 5, 10] },
  { name: 'PatchCore', method: 'patchcore', coresetRatio: 0.1, shots: [50] },
  { name: 'PatchCore', method: 'patchcore', coresetRatio: 0.02, shots: ['full'] },
] satisfies BenchmarkSpec['detectors']

const TAB_2: Recipe['training'] = { preset: 'tab@2' }
const RECIPES = [
  { name: 'tab@2', training: TAB_2, share: 1 },
  { name: 'tab@2, half-way', training: TAB_2, share: 0.5 },
] satisfies Recipe[]

/** A night on two cores. */
const full: PanelPlan = {
  sets: [...REAL, ...LEARNED_FAMILIES],
  unseen: [...WITHOUT_LICENCE, ...OF_THE_DEMO],
  folds: REAL.length + LEARNED_FAMILIES.length,
  recipes: RECIPES,
  trainingSeeds: [0, 1],
  subsetSeeds: [0, 1, 2],
  shots: [1, 2, 5, 10, 50, 'full'],
  detectors: [...PATCHCORE, { name: 'PaDiM', method: 'padim', shots: [5, 10, 50, 'full'] }],
}

export const PLANS = {
  full,
  /** An hour or two: each fold leaves out a real set and a quarter of the families. */
  reduced: { ...full, folds: 4, trainingSeeds: [0], shots: [1, 5, 10, 'full'], detectors: PATCHCORE },
  /** Half an hour after a training on everything: what is shipped, on the sets that no training sees. */
  unseen: { ...full, folds: 0, trainingSeeds: [0], recipes: RECIPES.slice(1), shots: [1, 5, 10], detectors: PATCHCORE },
  /** Minutes, to see that everything works; its figures mean nothing. */
  trial: {
    sets: ['hazelnut-toy', 'hex-nut', 'wood-grain'],
    unseen: ['washer'],
    folds: 3,
    recipes: RECIPES.map((recipe) => ({
      ...recipe,
      training: { ...TAB_2, settings: { imageSizes: [], imageSize: 64, steps: 2, pairs: 2 } },
    })),
    trainingSeeds: [0],
    subsetSeeds: [0],
    shots: [1],
    detectors: PATCHCORE,
  },
} satisfies Record<string, PanelPlan>
export type PlanName = keyof typeof PLANS

/**
 * The sets that each training leaves out, real ones and families in every fold.
 * @example folds of 2 over [a, b, c]: [[a, c], [b]]
 */
export function foldsOf({ sets, folds }: PanelPlan): string[][] {
  return Array.from({ length: folds }, (_, fold) => sets.filter((__, place) => place % folds === fold))
}
