import { isFailure, type CellCost, type CellMetrics, type CellResult, type CellRow } from './cell-result.ts'
import type { Shots } from './cell-name.ts'

export type TableMetric = keyof Pick<CellMetrics, 'imageAuroc' | 'pixelAuroc' | 'aupro'>

/** The metrics that tables show. */
export const TABLE_METRICS: readonly (readonly [TableMetric, string])[] = [
  ['imageAuroc', 'image AUROC'],
  ['pixelAuroc', 'pixel AUROC'],
  ['aupro', 'AUPRO 0.3'],
]

/** Mean and spread over the seeds. */
export interface Spread {
  readonly mean: number
  /** Sample standard deviation; undefined for one seed. */
  readonly deviation: number | undefined
}

/** The cells of one detector, backbone and number of shots: over the seeds, of a category or of a whole data set. */
export interface SummaryRow {
  readonly dataset: string
  /** Empty for the whole data set. */
  readonly category: string
  readonly detector: string
  readonly backbone: string
  readonly shots: Shots
  readonly seeds: number
  readonly metrics: Readonly<Record<TableMetric, Spread | undefined>>
  /** Why the row has no figures: reasons of its cells that could not be computed. */
  readonly failures: readonly string[]
  /** What must be read with its figures. */
  readonly notes: readonly string[]
  /** Means over all its cells; undefined where one could not be computed. */
  readonly cost: CellCost | undefined
}

/**
 * One row for each category, and one for each data set: per seed the mean over its categories, then mean and standard deviation over the
 * seeds. A metric that is undefined in one cell is undefined in the row, and all are where a cell could not be computed.
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { summarise, type CellRow } from '@tab/pipeline/results'
 *
 * const lines = (await readFile('results.jsonl', 'utf8')).trim().split('\n') // as `tab benchmark` writes it
 * const rows = summarise(lines.map((line): CellRow => JSON.parse(line)))
 * console.log(rows.map(({ seeds, metrics }) => `${seeds}: ${metrics.imageAuroc?.mean.toFixed(2)}`)) // [ '2: 0.85', '2: 0.95', '1: undefined' ]
 * console.log(rows[2]?.failures) // [ 'padim.fit: at least two good images for a covariance, got 1' ]
 * ```
 */
export function summarise(results: readonly CellRow[]): SummaryRow[] {
  const categories = grouped(results, ({ name }) => [name.dataset, name.category, ...settingsOf(name)])
  const datasets = grouped(results, ({ name }) => [name.dataset, ...settingsOf(name)])
  const rows = datasets.map((group) => rowOf(group, ''))
  for (const group of categories) {
    const [{ name }] = group as [CellRow]
    if (name.category !== '') rows.push(rowOf(group, name.category))
  }
  return rows
}

function settingsOf({ detector, backbone, shots }: CellRow['name']): readonly unknown[] {
  return [detector, backbone, shots]
}

/**
 * Groups by what `keyOf` gives, in the order of their first members: rows of one data set, or of one detector, for tables of your own.
 * @example
 * ```ts
 * import { grouped } from '@tab/pipeline/results'
 *
 * const names = [{ detector: 'padim', seed: 0 }, { detector: 'patchcore', seed: 0 }, { detector: 'padim', seed: 1 }]
 * console.log(grouped(names, ({ detector }) => [detector]).map((group) => group.length)) // [ 2, 1 ]
 * ```
 */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => readonly unknown[]): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = JSON.stringify(keyOf(item))
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return [...groups.values()]
}

function rowOf(group: readonly CellRow[], category: string): SummaryRow {
  const [{ name }] = group as [CellRow]
  const failures = group.filter(isFailure)
  const { dataset, detector, backbone, shots } = name
  const bySeed = grouped(group, (result) => [result.name.seed])
  const spreadOf = (metric: TableMetric): Spread | undefined => {
    const values = bySeed.map((cells) => meanOf(cells.map((cell) => (isFailure(cell) ? null : cell.metrics[metric]))))
    return values.every((value) => value !== undefined) ? spread(values) : undefined
  }
  const inPlace = (text: string, { category: place }: CellRow['name']): string =>
    category === '' && place !== '' ? `${place}: ${text}` : text
  return {
    dataset,
    category,
    detector,
    backbone,
    shots,
    seeds: bySeed.length,
    metrics: { imageAuroc: spreadOf('imageAuroc'), pixelAuroc: spreadOf('pixelAuroc'), aupro: spreadOf('aupro') },
    failures: distinct(failures.map((failure) => inPlace(failure.error.message, failure.name))),
    notes: distinct(group.flatMap((row) => (isFailure(row) ? [] : row.notes.map((note) => inPlace(note, row.name))))),
    cost: failures.length > 0 ? undefined : costOf(group as readonly CellResult[]),
  }
}

function costOf(group: readonly CellResult[]): CellCost {
  const mean = (pick: (cost: CellCost) => number): number =>
    group.reduce((sum, { cost }) => sum + pick(cost), 0) / group.length
  const banks = group.map(({ cost }) => cost.bankSize).filter((size) => size !== null)
  return {
    fitSeconds: mean(({ fitSeconds }) => fitSeconds),
    millisecondsPerImage: mean(({ millisecondsPerImage }) => millisecondsPerImage),
    megabytes: mean(({ megabytes }) => megabytes),
    bankSize: banks.length === group.length ? Math.round(meanOf(banks) as number) : null,
  }
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}

function meanOf(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null)
  return known.length === values.length ? known.reduce((sum, value) => sum + value, 0) / known.length : undefined
}

function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : undefined }
}
