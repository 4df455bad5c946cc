import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { TabError } from '@tab/core'
import type { FolderTree } from './folder-tree.ts'
import type { Reading } from './layout.ts'
import { readingBuilder, type FoundSample } from './reading-builder.ts'

/** A table of samples, as far as its text says. */
export interface SampleTable {
  readonly samples: readonly (FoundSample & { readonly line: number })[]
  readonly problems: readonly { readonly line: number; readonly message: string }[]
}

/** The text of a file of a tree. */
export async function readText(tree: FolderTree, file: string): Promise<string> {
  const path = tree.path(file)
  return readFile(path, 'utf8').catch((cause: Error) => {
    const message = `${path} cannot be read: ${cause.message}`
    throw new TabError('INVALID_DATA', { where: 'openDataset', message, cause })
  })
}

/**
 * The samples that a table lists, without those whose image does not exist.
 * @param file the table's path, relative to the tree
 */
export async function readListedSamples(
  tree: FolderTree,
  file: string,
  table: SampleTable,
  category: string | undefined,
): Promise<Reading> {
  const reading = readingBuilder(tree)
  reading.know(file)
  const seen = new Map<string, number>()
  for (const { line, message } of table.problems) reading.addProblem('invalid-row', `${file}, line ${line}`, message)
  for (const { line, ...sample } of table.samples) {
    if (category !== undefined && sample.category !== category) continue
    const place = `${file}, line ${line}`
    const earlier = seen.get(sample.file)
    seen.set(sample.file, earlier ?? line)
    if (earlier !== undefined)
      reading.addProblem('invalid-row', place, `names ${sample.file} again, as line ${earlier}`)
    else if (!(await exists(tree, sample.file))) {
      reading.addProblem('missing-image', place, `names ${sample.file}, which does not exist`)
    } else {
      const lost = sample.mask !== undefined && !(await exists(tree, sample.mask))
      if (lost) reading.addProblem('missing-mask', place, `names the mask ${sample.mask}, which does not exist`)
      reading.addSample(lost ? { ...sample, mask: undefined } : sample)
    }
  }
  return reading.finish(file)
}

async function exists(tree: FolderTree, file: string): Promise<boolean> {
  const { dir, base } = posix.parse(file)
  return (await tree.files(dir)).includes(base)
}
