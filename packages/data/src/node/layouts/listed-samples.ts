import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { TabError } from '@tab/core'
import { findFolder } from './folder-names.ts'
import { joined, type FolderTree } from './folder-tree.ts'
import { reasonOf } from '../image-file.ts'
import { comparable } from '../image-names.ts'
import type { Reading } from './layout.ts'
import { readingBuilder, type FoundSample } from './reading-builder.ts'

/** A table of samples, before its paths are checked. */
export interface SampleTable {
  readonly samples: readonly (FoundSample & { readonly line: number })[]
  readonly problems: readonly { readonly line: number; readonly message: string }[]
}

/** The text of a file of a tree. */
export async function readText(tree: FolderTree, file: string): Promise<string> {
  const path = tree.path(file)
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const message = `${path} cannot be read: ${reasonOf(cause)}`
    throw new TabError('INVALID_DATA', { where: 'openDataset', message, cause })
  })
}

/**
 * The samples listed in a table, except those whose image does not exist.
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
      reading.addProblem('invalid-row', place, `names ${sample.file} again, after line ${earlier}`)
    else {
      const image = await find(tree, sample.file)
      const mask = sample.mask === undefined ? undefined : await find(tree, sample.mask)
      if (image === undefined) {
        reading.addProblem('missing-image', place, `names ${sample.file}, which does not exist`)
        continue
      }
      if (sample.mask !== undefined && mask === undefined) {
        reading.addProblem('missing-mask', place, `names the mask ${sample.mask}, which does not exist`)
      }
      if (mask === image) reading.addProblem('invalid-row', place, `names ${image} as image and mask`)
      reading.addSample({ ...sample, file: image, mask })
    }
  }
  return reading.finish(file)
}

/** The path of a file as it is on disk, where it may have another Unicode form; undefined if it does not exist. */
async function find(tree: FolderTree, file: string): Promise<string | undefined> {
  const { dir, base } = posix.parse(file)
  let folder = ''
  for (const part of dir.split('/').filter((name) => name !== '')) {
    const inner = part === '..' ? joined(folder, part) : await findFolder(tree, folder, part)
    if (inner === undefined) return undefined
    folder = inner
  }
  const files = await tree.files(folder)
  const found = files.includes(base) ? base : files.find((name) => comparable(name) === comparable(base))
  return found === undefined ? undefined : joined(folder, found)
}
