import { isTabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import type { Sample } from '../dataset.ts'
import { prefetch } from '../prefetch.ts'
import type { Problem } from '../problem.ts'
import type { Size } from '../resize.ts'
import { checkMask } from './check-mask.ts'
import { decodeImage } from './decode-image.ts'
import { categoryTree, checkCategory, findLayout, type DatasetChoice } from './layouts/find-layout.ts'
import { joined, type FolderTree } from './layouts/folder-tree.ts'
import type { LayoutName } from '../layout-names.ts'
import type { Reading } from './layouts/layout.ts'
import { inspectMask, type InspectedMask } from './read-mask.ts'
import { unknownFiles } from './unknown-files.ts'

const WHERE = 'checkDataset'
const CONCURRENCY = 8

export interface CheckDatasetOptions extends DatasetChoice, LongTaskOptions {}

/** The number of images of one split and defect type. */
export interface SampleCount {
  readonly category?: string
  readonly split: Sample['split']
  readonly defect: string
  readonly images: number
  readonly masks: number
}

/** The content of a data set on disk, and all its problems. */
export interface DatasetReport {
  readonly layout: LayoutName
  /** The categories checked; empty for a single data set. */
  readonly categories: readonly string[]
  readonly counts: readonly SampleCount[]
  /** All problems, sorted by category and file. */
  readonly problems: readonly Problem[]
}

/**
 * Checks a data set with all its categories. It reports what {@link openDataset} rejects or warns of, and also images that cannot be
 * read (from the file header alone if that suffices), masks that differ in size from their image, masks that are black, inverted,
 * lossy or stored only as transparency, masks without an image, empty folders and files without a place in the layout. Text files and
 * hidden files are fine.
 * @throws NOT_FOUND, INVALID_DATA if there is no data set to check; ABORTED
 * @example
 * ```ts
 * import { checkDataset } from '@tab/data/node'
 * const { layout, counts, problems } = await checkDataset('washers')
 * console.log(layout, counts[0], problems.length) // mvtec-ad { split: 'train', defect: 'good', images: 4, masks: 0 } 0
 * ```
 */
export async function checkDataset(path: string, options: CheckDatasetOptions = {}): Promise<DatasetReport> {
  const { signal, onProgress } = options
  const found = await findLayout(WHERE, path, options)
  if (options.category !== undefined) checkCategory(WHERE, path, found, options.category)
  const chosen = options.category ?? found.category
  const { layout, byFolder } = found
  const categories = chosen === undefined ? found.categories : [chosen]
  const parts = byFolder ? categories : [chosen]
  const counts: SampleCount[] = []
  const problems: Problem[] = []
  const known = new Set<string>()
  const folders = new Set<string>()
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
    for (const folder of reading.folders) folders.add(joined(prefix, folder))
  }
  if (chosen === undefined) {
    for (const miss of found.misses) problems.push({ kind: 'no-category', ...miss })
  }
  // A table names its images, so other files next to them, or in its other categories, do not matter.
  const isComplete = layout.name !== 'manifest' && (byFolder || chosen === undefined)
  if (isComplete) {
    const files = { layout: layout.name, known, folders }
    problems.push(...(await unknownFiles(found.tree, byFolder ? (chosen ?? '') : '', files, WHERE)))
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

/** The problems inside images and masks. */
async function checkFiles(
  tree: FolderTree,
  { samples, masks, blackMasks }: Reading,
  { signal, onProgress }: LongTaskOptions,
  phase: string,
): Promise<Problem[]> {
  const problems: Problem[] = []
  const checks = [
    ...samples.map(
      ({ id }) =>
        () =>
          checkSample(tree, id, masks.get(id) ?? []),
    ),
    ...blackMasks.map((mask) => () => checkBlackMask(tree, mask)),
  ]
  let done = 0
  throwIfAborted(WHERE, signal)
  for await (const found of prefetch(checks, CONCURRENCY, (check) => check())) {
    throwIfAborted(WHERE, signal)
    problems.push(...found)
    onProgress?.({ phase, done: ++done, total: checks.length })
  }
  return problems
}

async function checkSample(tree: FolderTree, image: string, masks: readonly string[]): Promise<Problem[]> {
  const problems: Problem[] = []
  const size = await telling(problems, image, () => readSize(tree.path(image)))
  for (const mask of masks) {
    const found = await telling(problems, mask, () => inspectMask(tree.path(mask), WHERE))
    if (!found) continue
    const own = found.mask.shape
    if (!size || (own[0] === size[0] && own[1] === size[1])) problems.push(...faultsOf(mask, found))
    else {
      const message = `has ${own.join(' x ')} pixels, but ${image} ${size.join(' x ')}`
      problems.push({ kind: 'mask-size', path: mask, message })
    }
  }
  return problems
}

/** The size of an image, all of which is read: a file cut off in the middle has a sound header. */
async function readSize(path: string): Promise<Size> {
  const { width, height } = await decodeImage(path, WHERE)
  return [height, width]
}

function faultsOf(path: string, { mask, fault }: InspectedMask): Problem[] {
  if (fault && fault.kind !== 'noisy-mask') return [{ path, ...fault }]
  const wrong = checkMask(mask)
  return [fault, wrong].filter((each) => each !== undefined).map((each) => ({ path, ...each }))
}

async function checkBlackMask(tree: FolderTree, path: string): Promise<Problem[]> {
  const problems: Problem[] = []
  const found = await telling(problems, path, () => inspectMask(tree.path(path), WHERE))
  if (!found) return problems
  if (found.fault && found.fault.kind !== 'noisy-mask') return [{ path, ...found.fault }]
  const marked = found.mask.data.reduce((sum, value) => sum + value, 0)
  if (marked === 0) return []
  return [{ kind: 'marked-good', path, message: `is the mask of a good image, but marks ${marked} pixels` }]
}

/** The result of reading a file; a failure is added to the problems. */
async function telling<T>(problems: Problem[], path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!isTabError(error, 'INVALID_DATA') && !isTabError(error, 'NOT_FOUND')) throw error // sharp is not installed
    const reason = error.cause instanceof Error ? error.cause.message : error.message
    problems.push({ kind: 'unreadable', path, message: `is not a readable image: ${reason}` })
    return undefined
  }
}
