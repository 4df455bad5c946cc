import { isTabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import type { Sample } from '../dataset.ts'
import { prefetch } from '../prefetch.ts'
import type { Size } from '../resize.ts'
import { readImageSize } from './image-size.ts'
import { categoryTree, checkCategory, findLayout, type DatasetChoice } from './layouts/find-layout.ts'
import { joined, type FolderTree } from './layouts/folder-tree.ts'
import type { LayoutName, Reading } from './layouts/layout.ts'
import type { Problem } from './layouts/problem.ts'

const WHERE = 'checkDataset'
const CONCURRENCY = 8
const DOCUMENT = /(\.(txt|md|pdf|json|ya?ml|csv|xml|html?)|\/?(licen[cs]e|readme)[^/.]*|thumbs\.db|desktop\.ini)$/i
const DEEPEST = 8 // levels of folders that are searched for unknown files: links may go round in circles

export interface CheckDatasetOptions extends DatasetChoice, LongTaskOptions {}

/** Images of one split and defect type. */
export interface SampleCount {
  readonly category?: string
  readonly split: Sample['split']
  readonly defect: string
  readonly images: number
  readonly masks: number
}

/** What a data set on disk holds, and all that is wrong with it. */
export interface DatasetReport {
  readonly layout: LayoutName
  /** Those checked; none when the root is a single data set. */
  readonly categories: readonly string[]
  readonly counts: readonly SampleCount[]
  /** All of them, in the order of categories and files. */
  readonly problems: readonly Problem[]
}

/**
 * Checks a data set with all its categories: what {@link openDataset} would refuse, and further images that cannot be read or
 * masks of another size than their image (both by the header of the file alone), masks without image, empty folders and
 * files of no known place. Text files and hidden ones are no problem.
 * @throws NOT_FOUND, INVALID_DATA when there is no data set that could be checked; ABORTED
 */
export async function checkDataset(path: string, options: CheckDatasetOptions = {}): Promise<DatasetReport> {
  const { layout: name, signal, onProgress } = options
  const found = await findLayout(WHERE, path, name)
  if (options.category !== undefined) checkCategory(WHERE, path, found, options.category)
  const chosen = options.category ?? found.category
  const { layout, byFolder } = found
  const categories = chosen === undefined ? found.categories : [chosen]
  const parts = byFolder ? categories : [chosen]
  const counts: SampleCount[] = []
  const problems: Problem[] = []
  const known = new Set<string>()
  for (const part of parts) {
    const { tree, prefix } = categoryTree(found, part)
    const reading = await layout.read(tree, { category: part, signal, onProgress })
    counts.push(...countSamples(reading, byFolder ? part : undefined))
    const phase = part === undefined ? 'check images' : `check ${part}`
    const unsound = await checkFiles(tree, reading, { signal, onProgress }, phase)
    for (const problem of [...reading.problems, ...unsound]) {
      problems.push({ ...problem, path: joined(prefix, problem.path) })
    }
    for (const file of reading.known) known.add(joined(prefix, file))
  }
  // A table names its images; what else lies beside them, or belongs to another of its categories, is none of its business.
  const complete = layout.name !== 'manifest' && (byFolder || chosen === undefined)
  if (complete) {
    for (const file of await strangers(found.tree, byFolder ? (chosen ?? '') : '', known)) {
      problems.push({ kind: 'unknown-file', path: file, message: `has no place in the layout ${layout.name}` })
    }
  }
  return { layout: layout.name, categories, counts, problems }
}

function countSamples({ samples, masks }: Reading, folder: string | undefined): SampleCount[] {
  const counts = new Map<string, { -readonly [K in keyof SampleCount]: SampleCount[K] }>()
  for (const { id, category = folder, split, defect } of samples) {
    const key = JSON.stringify([category, split, defect])
    const named = category === undefined ? {} : { category }
    const count = counts.get(key) ?? { ...named, split, defect, images: 0, masks: 0 }
    counts.set(key, count)
    count.images++
    if (masks.has(id)) count.masks++
  }
  return [...counts.values()]
}

/** Images and masks that cannot be read, and masks of another size than their image. */
async function checkFiles(
  tree: FolderTree,
  { samples, masks }: Reading,
  { signal, onProgress }: LongTaskOptions,
  phase: string,
): Promise<Problem[]> {
  const problems: Problem[] = []
  const check = ({ id }: Sample): Promise<Problem[]> => checkSample(tree, id, masks.get(id) ?? [])
  let done = 0
  throwIfAborted(WHERE, signal)
  for await (const found of prefetch(samples, CONCURRENCY, check)) {
    throwIfAborted(WHERE, signal)
    problems.push(...found)
    onProgress?.({ phase, done: ++done, total: samples.length })
  }
  return problems
}

async function checkSample(tree: FolderTree, image: string, masks: readonly string[]): Promise<Problem[]> {
  const problems: Problem[] = []
  async function sizeOf(file: string): Promise<Size | undefined> {
    try {
      return await readImageSize(tree.path(file))
    } catch (error) {
      if (isTabError(error)) throw error // sharp is not installed
      const message = `is not a readable image: ${error instanceof Error ? error.message : String(error)}`
      problems.push({ kind: 'unreadable', path: file, message })
      return undefined
    }
  }
  const size = await sizeOf(image)
  for (const mask of masks) {
    const own = await sizeOf(mask)
    if (!size || !own || (own[0] === size[0] && own[1] === size[1])) continue
    const message = `has ${own.join(' x ')} pixels, but ${image} ${size.join(' x ')}`
    problems.push({ kind: 'mask-size', path: mask, message })
  }
  return problems
}

/** Files below a folder that the layout does not know, text files left out. */
async function strangers(
  tree: FolderTree,
  folder: string,
  known: ReadonlySet<string>,
  depth = 0,
): Promise<readonly string[]> {
  const files = (await tree.files(folder)).map((name) => joined(folder, name))
  const found = files.filter((file) => !known.has(file) && !DOCUMENT.test(file))
  if (depth === DEEPEST) return found
  const folders = (await tree.folders(folder)).map((name) => joined(folder, name))
  const inner = await Promise.all(folders.map((name) => strangers(tree, name, known, depth + 1)))
  return [...found, ...inner.flat()]
}
