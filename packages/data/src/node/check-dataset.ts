import { isTabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import type { Sample } from '../dataset.ts'
import { prefetch } from '../prefetch.ts'
import type { Problem } from '../problem.ts'
import type { Size } from '../resize.ts'
import { checkMask } from './check-mask.ts'
import { decodeImage } from './decode-image.ts'
import { categoryTree, checkCategory, findLayout, type DatasetChoice } from './layouts/find-layout.ts'
import { joined, type FolderTree } from './layouts/folder-tree.ts'
import type { LayoutName, Reading } from './layouts/layout.ts'
import { inspectMask, type InspectedMask } from './read-mask.ts'
import { unknownFiles } from './unknown-files.ts'

const WHERE = 'checkDataset'
const CONCURRENCY = 8

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
 * Checks a data set with all its categories: what {@link openDataset} would refuse or warn of, and further images that cannot be
 * read (by the header of the file alone, where that says all), masks of another size than their image, masks that are black,
 * inverted, transparency alone or stored with loss, masks without image, empty folders and files of no known place. Text files
 * and hidden ones are no problem.
 * @throws NOT_FOUND, INVALID_DATA when there is no data set that could be checked; ABORTED
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
  // A table names its images; what else lies beside them, or belongs to another of its categories, is none of its business.
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

/** What is wrong inside of images and masks. */
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
  return [{ kind: 'marked-good', path, message: `is the mask of a good image, and marks ${marked} pixels` }]
}

/** The result of reading a file; what keeps it from being read becomes a problem. */
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
