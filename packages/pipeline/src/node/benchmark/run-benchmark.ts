import { basename, join } from 'node:path'
import { TabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import { goodImagesOf } from '@tab/data'
import { listCategories, openDataset } from '@tab/data/node'
import { isFailure, type CellRow } from '../../results/cell-result.ts'
import { localRunner, threadRunner, type CellRunner } from './cell-runner.ts'
import { cellKeys } from './cell-key.ts'
import { cellText } from '../../results/cell-name.ts'
import { cellsOf, type Cell, type CellData } from './cells.ts'
import { computeRow } from './compute-row.ts'
import { openFileDigests } from './file-digests.ts'
import type { BenchmarkConfig } from '../../spec/benchmark-spec.ts'
import { openResults } from './results-file.ts'
import { resolveWeights, type ResolvedWeights } from '@tab/weights/node'
import type { CellJob } from './worker.ts'

export interface BenchmarkPlan {
  readonly config: BenchmarkConfig
  /** Folder of `results.jsonl`. */
  readonly output: string
  /** Folder where features are kept; undefined for nowhere. */
  readonly cache: string | undefined
  /** Cells at a time; with more than one, each has a thread of its own. */
  readonly jobs: number
  /** Threads of ONNX Runtime, all cells together. */
  readonly threads: number
  /** Try cells again that failed before. */
  readonly retryFailed: boolean
}

export interface RunTask extends LongTaskOptions {
  readonly onRow: (row: CellRow) => void
  /** What a reader must know of what is taken from an earlier run and what is not. */
  readonly onNote: (note: string) => void
  readonly computeCells?: ComputeCells | undefined
}

/** Computes cells elsewhere: gives the row of each once, in any order. */
export type ComputeCells = (
  cells: readonly CellJob[],
  options: {
    /** Whether features are kept: what goes through the network one by one has not the last bits of a batch. */
    readonly isCached: boolean
    readonly signal: AbortSignal | undefined
    readonly onNote: (note: string) => void
  },
) => AsyncIterable<CellRow>

/**
 * Computes every cell that `results.jsonl` does not hold yet, each kept as soon as it is done. One that cannot be computed is kept with its
 * reason, and tried again when what it is made from changes, or when asked for.
 * @returns the rows of all cells of the config, in its order
 */
export async function runBenchmark(
  plan: BenchmarkPlan,
  { signal, onProgress, onRow, onNote, computeCells }: RunTask,
): Promise<CellRow[]> {
  const cells = await onDisk(cellsOf(plan.config, await dataOf(plan.config, signal)), { signal, onProgress })
  const digests = await openFileDigests(plan.cache && join(plan.cache, 'file-digests.json'), signal)
  const keyOf = cellKeys(digests, signal)
  const jobs: CellJob[] = []
  for (const cell of cells) jobs.push({ cell, key: await keyOf(cell) })
  await digests.save()
  const { finished, outdated, append } = await openResults(join(plan.output, 'results.jsonl'))
  if (outdated > 0) onNote(`${outdated} results of an earlier version of tab are not used`)
  const waiting = jobs.filter(({ key }) => {
    const row = finished.get(key)
    return !row || (plan.retryFailed && isFailure(row))
  })
  const names = new Set([...finished.values()].map(({ name }) => cellText(name)))
  const changed = waiting.filter(({ cell, key }) => !finished.has(key) && names.has(cellText(cell.name))).length
  if (changed > 0)
    onNote(`${changed} cells are computed again: their images, masks, weights, settings or tab itself changed`)
  const kept = jobs.map(({ key }) => finished.get(key)).filter((row) => row !== undefined)
  const failed = kept.filter(isFailure).length
  if (failed > 0 && !plan.retryFailed)
    onNote(`${failed} cells failed before and are not tried again without spec.retryFailed`)
  let done = jobs.length - waiting.length
  const report = (): void => onProgress?.({ phase: 'benchmark', done, total: jobs.length })
  report()

  async function keep(row: CellRow): Promise<void> {
    await append(row)
    done++
    onRow(row)
    report()
  }

  async function work(runner: CellRunner): Promise<void> {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      throwIfAborted('benchmark', signal)
      await keep(await computeRow(runner, job, { signal }))
    }
  }

  const rowsInOrder = (): CellRow[] => jobs.map(({ key }) => finished.get(key) as CellRow)
  if (computeCells) {
    const isCached = plan.cache !== undefined
    const missing = new Map(waiting.map(({ cell, key }) => [key, cell]))
    for await (const row of computeCells(waiting, { isCached, signal, onNote })) {
      if (missing.delete(row.key)) await keep(row)
    }
    const [lost] = missing.values()
    if (lost) {
      const message = `computeCells gave no row of ${cellText(lost.name)}`
      throw new TabError('INVALID_ARGUMENT', { where: 'benchmark', message })
    }
    return rowsInOrder()
  }
  const count = Math.min(plan.jobs, waiting.length)
  const options = { cache: plan.cache, threads: Math.max(1, Math.floor(plan.threads / Math.max(1, plan.jobs))) }
  const runners =
    plan.jobs === 1 ? [await localRunner(options)] : Array.from({ length: count }, () => threadRunner(options))
  try {
    await Promise.all(runners.map(work))
  } finally {
    await Promise.all(runners.map((runner) => runner.stop()))
  }
  return rowsInOrder()
}

/** Every data set, or each of its categories, with the number of its normal images. */
async function dataOf({ datasets }: BenchmarkConfig, signal: AbortSignal | undefined): Promise<CellData[]> {
  const data: CellData[] = []
  for (const { path, name, layout, categories } of datasets) {
    const chosen = categories ?? (await listCategories(path, { layout }))
    for (const category of chosen.length > 0 ? chosen : [undefined]) {
      const dataset = await openDataset(path, { layout, category, signal })
      const normals = goodImagesOf(dataset).length
      const title = name ?? (category === undefined ? dataset.name : basename(path))
      data.push({ dataset: title, category: category ?? '', path, layout, normals })
    }
  }
  return data
}

/** The cells with weights of the hub downloaded, as a key counts their bytes, and the revision that they are of. */
async function onDisk(cells: readonly Cell[], task: LongTaskOptions): Promise<Cell[]> {
  const resolved = new Map<string, ResolvedWeights>()
  const found: Cell[] = []
  for (const cell of cells) {
    const { backbone } = cell
    if ('random' in backbone) {
      found.push({ ...cell, weights: `random ${backbone.random}` })
      continue
    }
    const weights = resolved.get(backbone.weights) ?? (await resolveWeights(backbone.weights, task))
    resolved.set(backbone.weights, weights)
    found.push({ ...cell, weights: weights.source, backbone: { ...backbone, weights: weights.path } })
  }
  return found
}
