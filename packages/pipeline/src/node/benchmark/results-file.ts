import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseJson, TabError } from '@tab/core'
import { writeAtomically } from '@tab/core/node'
import { CELL_SCHEMA, type CellRow } from '../../results/cell-result.ts'

/** Finished cells, and those that cannot be, a line of JSON each, appended as they come. */
export interface ResultsFile {
  /** By the key of the cell; the last line of a key counts. */
  readonly finished: ReadonlyMap<string, CellRow>
  /** Lines of an earlier version, which other keys were made for; they are not read. */
  readonly outdated: number
  append(row: CellRow): Promise<void>
}

/**
 * Opens or begins a file of results. A last line that was cut off by a kill is dropped.
 * @throws INVALID_DATA for any other line that is not a result
 */
export async function openResults(path: string): Promise<ResultsFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const lines = text.split('\n')
  const torn = lines.pop() as string // what stands after the last line break
  const finished = new Map<string, CellRow>()
  let outdated = 0
  lines.forEach((line, index) => {
    const row = parseLine(line)
    if (row === 'outdated') outdated++
    else if (row) finished.set(row.key, row)
    else {
      throw new TabError('INVALID_DATA', {
        where: `${path}, line ${index + 1}`,
        expected: 'a result of tab benchmark',
        actual: line.slice(0, 60),
      })
    }
  })
  if (torn !== '') await writeAtomically(path, lines.map((line) => `${line}\n`).join(''))
  await mkdir(dirname(path), { recursive: true })
  return {
    finished,
    outdated,
    async append(row) {
      await appendFile(path, `${JSON.stringify(row)}\n`)
      finished.set(row.key, row)
    },
  }
}

function parseLine(line: string): CellRow | 'outdated' | undefined {
  try {
    const value = parseJson(line) as { readonly schema?: unknown; readonly key?: unknown; readonly name?: unknown }
    if (typeof value.key !== 'string' || typeof value.name !== 'object') return undefined
    if (value.schema === 'tab.benchmark-cell/1') return 'outdated'
    if (value.schema !== CELL_SCHEMA) return undefined
    const isWhole =
      'error' in value || ('metrics' in value && 'scores' in value && 'defects' in value && 'cost' in value)
    return isWhole ? (value as CellRow) : undefined
  } catch {
    return undefined
  }
}
