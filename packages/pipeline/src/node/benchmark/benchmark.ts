import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { isFailure, type CellFailure, type CellResult, type CellRow } from '../../results/cell-result.ts'
import type { Comparison } from '../../results/comparison.ts'
import type { BenchmarkTables } from '../../results/benchmark-tables.ts'
import { summarise, type SummaryRow } from '../../results/summary.ts'
import { BENCHMARK_SPEC, type BenchmarkSpec } from '../../spec/benchmark-spec.ts'
import { parseSpec } from '../../spec/parse-spec.ts'
import { THIS_PACKAGE, type PipelineTask } from '../pipeline-task.ts'
import { claimBenchmark } from './claim-benchmark.ts'
import { compareBackbones } from './comparisons.ts'
import { runBenchmark, type ComputeCells } from './run-benchmark.ts'

export interface BenchmarkTask extends PipelineTask {
  /** Called with each result as it comes. */
  readonly onRow?: ((row: CellRow) => void) | undefined
  /** Computes cells elsewhere, as jobs of other machines for example. Default: here. */
  readonly computeCells?: ComputeCells | undefined
  /** Draws files by their names, as `benchmarkFiles` of @tab/report does. Default: none besides results.jsonl. */
  readonly drawTables?: ((tables: BenchmarkTables) => Readonly<Record<string, string>>) | undefined
}

/** What was compared. */
export interface BenchmarkResult {
  readonly rows: readonly SummaryRow[]
  readonly comparisons: readonly Comparison[]
  /** Those that could not be computed, and why. */
  readonly failed: readonly CellFailure[]
  /** How many there are, failed ones included. */
  readonly total: number
  /** Content of the files that were drawn, by their names. */
  readonly tables: Readonly<Record<string, string>>
  /** Absolute path of the output folder. */
  readonly folder: string
}

/**
 * Compares backbones and detectors on data sets, over numbers of good images and seeds. Goes on where it was stopped.
 * @throws INVALID_ARGUMENT, INVALID_DATA, NOT_FOUND naming the field or the file; ABORTED
 * @example
 * ```ts
 * import { benchmark } from '@tab/pipeline/node'
 *
 * const { total, rows, failed } = await benchmark({
 *   datasets: [{ path: 'washers' }],
 *   backbones: [{ name: 'untrained', random: 'resnet18' }],
 *   detectors: [{ method: 'patchcore' }],
 *   shots: [2, 'full'],
 *   imageSize: [64, 64],
 *   output: 'compared',
 * })
 * console.log(total, rows.map(({ shots }) => shots), failed) // 2 [ 2, 'full' ] []
 * ```
 */
export async function benchmark(given: BenchmarkSpec, task: BenchmarkTask = {}): Promise<BenchmarkResult> {
  const spec = parseSpec(BENCHMARK_SPEC, given)
  const { output, jobs = 1, threads = availableParallelism(), retryFailed = false, published } = spec
  const { signal, onProgress } = task
  const folder = spec.cache ?? join(output, 'features')
  await using claim = await claimBenchmark(output, spec)
  const cells = await runBenchmark(
    { config: spec, output, cache: folder === false ? undefined : folder, jobs, threads, retryFailed },
    {
      signal,
      onProgress,
      onRow: (row) => task.onRow?.(row),
      onNote: (note) => task.onNote?.(note),
      computeCells: task.computeCells,
    },
  )
  const rows = summarise(cells)
  const finished = cells.filter((row): row is CellResult => !isFailure(row))
  const comparisons = await compareBackbones(finished, { signal, onProgress })
  const { madeBy = THIS_PACKAGE } = task
  const tables = task.drawTables?.({ cells, rows, comparisons, published, madeBy }) ?? {}
  await claim.publish(tables)
  const failed = cells.filter(isFailure)
  return { rows, comparisons, failed, total: cells.length, tables, folder: resolve(output) }
}
