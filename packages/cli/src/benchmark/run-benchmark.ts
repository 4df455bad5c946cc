import { join } from 'node:path'
import { throwIfAborted, type LongTaskOptions } from '@tab/core'
import { listCategories, openDataset } from '@tab/data/node'
import { basename } from 'node:path'
import type { CellResult } from './cell-result.ts'
import { localRunner, threadRunner, type CellRunner } from './cell-runner.ts'
import { cellKeys } from './cell-key.ts'
import { cellsOf, type Cell, type CellData } from './cells.ts'
import { normalsOf } from './open-cell.ts'
import type { BenchmarkConfig } from './config.ts'
import { openResults } from './results-file.ts'
import { resolveWeights } from '../setup/resolve-weights.ts'
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
}

export interface BenchmarkTask extends LongTaskOptions {
  readonly onResult: (result: CellResult) => void
}

/**
 * Computes every cell that `results.jsonl` does not hold yet, each kept as soon as it is done.
 * @returns the results of all cells of the config, in its order
 */
export async function runBenchmark(plan: BenchmarkPlan, { signal, onProgress, onResult }: BenchmarkTask) {
  const cells = await onDisk(cellsOf(plan.config, await dataOf(plan.config, signal)), { signal, onProgress })
  const keyOf = cellKeys(signal)
  const jobs: CellJob[] = []
  for (const cell of cells) jobs.push({ cell, key: await keyOf(cell) })
  const { finished, append } = await openResults(join(plan.output, 'results.jsonl'))
  const waiting = jobs.filter(({ key }) => !finished.has(key))
  let done = jobs.length - waiting.length
  const report = (): void => onProgress?.({ phase: 'benchmark', done, total: jobs.length })
  report()

  async function work(runner: CellRunner): Promise<void> {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      throwIfAborted('benchmark', signal)
      const result = await runner.run(job, { signal })
      await append(result)
      done++
      onResult(result)
      report()
    }
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
  return jobs.map(({ key }) => finished.get(key) as CellResult)
}

/** Every data set, or each of its categories, with the number of its normal images. */
async function dataOf({ datasets }: BenchmarkConfig, signal: AbortSignal | undefined): Promise<CellData[]> {
  const data: CellData[] = []
  for (const { path, name, layout, categories } of datasets) {
    const chosen = categories ?? (await listCategories(path, { layout }))
    for (const category of chosen.length > 0 ? chosen : [undefined]) {
      const dataset = await openDataset(path, { layout, category, signal })
      const normals = normalsOf(dataset).length
      const title = name ?? (category === undefined ? dataset.name : basename(path))
      data.push({ dataset: title, category: category ?? '', path, layout, normals })
    }
  }
  return data
}

/** The cells with weights of the hub downloaded: a key counts their bytes. */
async function onDisk(cells: readonly Cell[], task: LongTaskOptions): Promise<Cell[]> {
  const paths = new Map<string, string>()
  const found: Cell[] = []
  for (const cell of cells) {
    const { backbone } = cell
    if ('random' in backbone) {
      found.push(cell)
      continue
    }
    const path = paths.get(backbone.weights) ?? (await resolveWeights(backbone.weights, task)).path
    paths.set(backbone.weights, path)
    found.push({ ...cell, backbone: { ...backbone, weights: path } })
  }
  return found
}
