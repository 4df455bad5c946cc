import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isFailure, type CellResult, type CellRow } from '@tab/pipeline/results'

/** The finished cells of a benchmark; the last line of a cell counts. */
export async function readCells(folder: string): Promise<CellResult[]> {
  const lines = (await readFile(join(folder, 'results.jsonl'), 'utf8')).trim().split('\n')
  const rows = new Map(lines.map((line) => JSON.parse(line) as CellRow).map((row) => [row.key, row]))
  return [...rows.values()].filter((row): row is CellResult => !isFailure(row))
}
