import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { TabError } from '@tab/core'
import { claimOutput, type OutputClaim } from '../files/claim-output.ts'
import type { BenchmarkConfig } from '../../spec/benchmark-spec.ts'

const RESULTS = 'results.jsonl'
const TABLES = ['table.md', 'table.tex', 'cost.md', 'cells.csv', 'report.html']

/**
 * Takes the folder of a benchmark. One that holds `results.jsonl` is of an earlier run of it, whose tables are rebuilt.
 * @throws INVALID_ARGUMENT as `claimOutput` does
 */
export async function claimBenchmark(output: string, { datasets, backbones }: BenchmarkConfig): Promise<OutputClaim> {
  const results = join(output, RESULTS)
  const earlier = await lstat(results).catch(() => undefined)
  if (earlier?.isSymbolicLink()) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'spec.output',
      message: `${results} is a link, which would be followed`,
    })
  }
  const weights = backbones.map((backbone) => ('weights' in backbone ? backbone.weights : undefined))
  const entries = [RESULTS, ...TABLES, ...(earlier ? ['features/'] : [])] // kept features alone are no result
  return claimOutput(output, entries, earlier !== undefined, {
    reads: [...datasets.map(({ path }) => path), ...weights],
    advice: 'it is of no earlier benchmark; use another folder',
  })
}
