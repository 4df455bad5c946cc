import { basename, resolve } from 'node:path'
import { TabError, type LongTaskOptions } from '@tab/core'
import type { Dataset } from '../dataset.ts'
import { countProblems, describeProblems, PROBLEM_KINDS } from '../problem.ts'
import { categoryTree, checkCategory, describeMiss, findLayout, type DatasetChoice } from './layouts/find-layout.ts'
import { unknownFiles } from './unknown-files.ts'

const WHERE = 'openDataset'

export interface OpenDatasetOptions extends DatasetChoice, LongTaskOptions {}

/**
 * Opens a data set: MVTec AD, AD 2 and LOCO, BTAD, KolektorSDD and SDD2, VisA, MPDD, Magnetic Tile, a plain folder with `good`,
 * a CSV manifest, or a flat folder of nothing but images of good parts. If it has several categories, one must be chosen.
 * @param path its folder, the folder of a category, or a manifest
 * @returns samples, sorted by path or in the order of the table that lists them, and `warnings`: problems that do not make samples
 * wrong, such as pictures left out
 * @throws NOT_FOUND if the folder or category does not exist; INVALID_DATA if no layout matches, no category is chosen among several,
 * or samples are wrong (the message lists the first problems, `checkDataset` all of them); ABORTED
 * @example
 * ```ts
 * import { openDataset } from '@tab/data/node'
 * const { samples, warnings } = await openDataset('washers')
 * const training = samples.filter(({ split }) => split === 'train')
 * console.log(samples.length, training.length, warnings) // 11 4 []
 * ```
 */
export async function openDataset(path: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const { signal, onProgress } = options
  const found = await findLayout(WHERE, path, options)
  const { layout, categories } = found
  const category = options.category ?? found.category
  if (options.category !== undefined) checkCategory(WHERE, path, found, options.category)
  else if (categories.length > 0) {
    const expected = `one category of ${path} (${layout.name}), or its folder: ${categories.join(', ')}`
    throw new TabError('INVALID_DATA', { where: WHERE, expected, actual: 'none chosen' })
  }
  const { tree, root } = categoryTree(found, category)
  const reading = await layout.read(tree, { category, signal, onProgress })
  const { samples } = reading
  // A table names its images, so other files next to them, or in its other categories, do not matter.
  const isComplete = layout.name !== 'manifest' && (found.byFolder || category === undefined)
  const left = isComplete ? await unknownFiles(tree, '', { layout: layout.name, ...reading }, WHERE) : []
  const problems = [...reading.problems, ...left]
  const serious = problems.filter(({ kind }) => PROBLEM_KINDS[kind])
  if (serious.length > 0) {
    const message = `${root} is not a valid data set (${layout.name}): ${countProblems(serious)}\n${describeProblems(serious)}`
    throw new TabError('INVALID_DATA', { where: WHERE, message })
  }
  return {
    name: category ?? basename(resolve(root)),
    root,
    samples: category === undefined ? samples : samples.map((sample) => ({ ...sample, category })),
    warnings: problems,
  }
}

/**
 * The categories of a root that holds several data sets of one layout; an empty list for a single data set.
 * @throws NOT_FOUND, INVALID_DATA as {@link openDataset}; INVALID_DATA also if another folder is nearly a category and would be
 * left out in silence
 * @example
 * ```ts
 * import { listCategories, writeSyntheticDataset } from '@tab/data/node'
 * for (const part of ['washer', 'tablet'] as const) {
 *   await writeSyntheticDataset(`line-3/${part}`, { part, size: [32, 32], seed: 1, train: 1, good: 1, perDefect: 1 })
 * }
 * console.log(await listCategories('line-3')) // [ 'tablet', 'washer' ]
 * ```
 */
export async function listCategories(
  path: string,
  { layout }: Pick<DatasetChoice, 'layout'> = {},
): Promise<readonly string[]> {
  const where = 'listCategories'
  const { categories, misses } = await findLayout(where, path, { layout })
  if (misses.length === 0) return categories
  const lines = misses.map((miss) => `  ${describeMiss(miss)}`)
  throw new TabError('INVALID_DATA', {
    where,
    message: `${path} holds ${categories.join(', ')}, and folders that may be meant as categories; choose a category, or rename them\n${lines.join('\n')}`,
  })
}
