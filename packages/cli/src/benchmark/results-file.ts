import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TabError } from '@tab/core'
import { writeAtomically } from '../files/write-atomically.ts'
import type { CellResult } from './cell-result.ts'

/** Finished cells, a line of JSON each, appended as they come. */
export interface ResultsFile {
  /** By the key of the cell. */
  readonly finished: ReadonlyMap<string, CellResult>
  append(result: CellResult): Promise<void>
}

/**
 * Opens or begins a file of results. A last line that was cut off by a kill is dropped.
 * @throws INVALID_DATA for any other line that is no result
 */
export async function openResults(path: string): Promise<ResultsFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const lines = text.split('\n')
  const torn = lines.pop() as string // what stands behind the last line break
  const finished = new Map<string, CellResult>()
  lines.forEach((line, index) => {
    const result = parseLine(line)
    if (!result) {
      throw new TabError('INVALID_DATA', {
        where: `${path}, line ${index + 1}`,
        expected: 'a result of tab benchmark',
        actual: line.slice(0, 60),
      })
    }
    finished.set(result.key, result)
  })
  if (torn !== '') await writeAtomically(path, lines.map((line) => `${line}\n`).join(''))
  await mkdir(dirname(path), { recursive: true })
  return {
    finished,
    async append(result) {
      await appendFile(path, `${JSON.stringify(result)}\n`)
      finished.set(result.key, result)
    },
  }
}

function parseLine(line: string): CellResult | undefined {
  try {
    const value = JSON.parse(line) as CellResult
    return value.schema === 'tab.benchmark-cell/1' && typeof value.key === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
