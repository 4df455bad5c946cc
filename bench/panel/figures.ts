import type { BenchmarkResult } from '@tab/pipeline/node'
import type { Recipe } from './plans.ts'

/** The first backbone of every comparison. */
export const REFERENCE = 'ImageNet'

/** What a recipe gains on one set that its training did not see. */
export interface SetFigure {
  readonly recipe: string
  readonly set: string
  readonly detector: string
  readonly shots: number | 'full'
  /** Image AUROC of the reference and of the recipe: means over subsets of normals and trainings. */
  readonly reference: number
  readonly value: number
  /** Differences of image AUROC, pixel AUROC and AUPRO 0.3; null where a set has no masks. */
  readonly gain: number
  readonly pixelGain: number | null
  readonly auproGain: number | null
  /** 95 % over test images, the mean over trainings; the spread over trainings is beside it. */
  readonly interval: readonly [number, number]
  readonly trainings: readonly number[]
}

/** What a recipe gains over all sets, at one number of normals. */
export interface RecipeFigure {
  readonly recipe: string
  readonly detector: string
  readonly shots: number | 'full'
  readonly sets: number
  readonly meanGain: number
  /** 95 %, with the sets as a sample (Student's t). */
  readonly interval: readonly [number, number]
  readonly worst: Pick<SetFigure, 'set' | 'gain' | 'interval'>
}

/** Name of a backbone in the benchmark: a recipe and a training seed. */
export const backboneName = ({ name }: Recipe, seed: number): string => `${name} (training ${seed})`

/** Figures of each recipe on the sets of one benchmark. */
export function setFigures(recipes: readonly Recipe[], seeds: readonly number[], result: BenchmarkResult): SetFigure[] {
  const metric = (of: BenchmarkResult['rows'][number] | undefined, name: 'imageAuroc' | 'pixelAuroc' | 'aupro') =>
    of?.metrics[name]?.mean
  return recipes.flatMap((recipe) => {
    const names = seeds.map((seed) => backboneName(recipe, seed))
    const own = result.comparisons.filter(({ backbone }) => backbone === names[0])
    return own.map(({ dataset, detector, shots }): SetFigure => {
      const isHere = (entry: { dataset: string; detector: string; shots: number | 'full' }): boolean =>
        entry.dataset === dataset && entry.detector === detector && entry.shots === shots
      const row = (backbone: string) =>
        result.rows.find((entry) => entry.category === '' && entry.backbone === backbone && isHere(entry))
      const comparisons = result.comparisons.filter((entry) => names.includes(entry.backbone) && isHere(entry))
      const gainOf = (name: 'pixelAuroc' | 'aupro'): number | null => {
        const reference = metric(row(REFERENCE), name)
        const values = names.map((backbone) => metric(row(backbone), name))
        return reference === undefined || values.includes(undefined) ? null : mean(values as number[]) - reference
      }
      const trainings = comparisons.map(({ difference }) => difference)
      return {
        ...{ recipe: recipe.name, set: dataset, detector, shots },
        reference: metric(row(REFERENCE), 'imageAuroc') as number,
        value: mean(names.map((backbone) => metric(row(backbone), 'imageAuroc') as number)),
        gain: mean(trainings),
        pixelGain: gainOf('pixelAuroc'),
        auproGain: gainOf('aupro'),
        interval: [
          mean(comparisons.map(({ interval: [low] }) => low)),
          mean(comparisons.map(({ interval: [, high] }) => high)),
        ],
        trainings,
      }
    })
  })
}

/** Mean gain and worst set of each recipe, detector and number of normals, in the order of their first figures. */
export function recipeFigures(figures: readonly SetFigure[]): RecipeFigure[] {
  const settingsOf = ({ recipe, detector, shots }: SetFigure): string => JSON.stringify([recipe, detector, shots])
  return [...new Set(figures.map(settingsOf))].map((settings) => {
    const group = figures.filter((figure) => settingsOf(figure) === settings)
    const [{ recipe, detector, shots }] = group as [SetFigure]
    const gains = group.map(({ gain }) => gain)
    const meanGain = mean(gains)
    const half = gains.length > 1 ? (student(gains.length - 1) * deviation(gains)) / Math.sqrt(gains.length) : Infinity
    const { set, gain, interval } = group.reduce((worst, entry) => (entry.gain < worst.gain ? entry : worst))
    return {
      ...{ recipe, detector, shots, sets: group.length, meanGain },
      interval: [meanGain - half, meanGain + half],
      worst: { set, gain, interval },
    }
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
}

/** The 97.5 % quantile of Student's t, from the expansion of Cornish and Fisher; within 1 % from 3 degrees of freedom. */
function student(freedom: number): number {
  const z = 1.959964
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  )
}
