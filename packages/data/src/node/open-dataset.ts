import { basename, resolve } from 'node:path'
import { TabError, type LongTaskOptions } from '@tab/core'
import type { Dataset } from '../dataset.ts'
import { categoryTree, checkCategory, findLayout, type DatasetChoice } from './layouts/find-layout.ts'
import { countProblems, describeProblems, PROBLEM_KINDS } from './layouts/problem.ts'

const WHERE = 'openDataset'

export interface OpenDatasetOptions extends DatasetChoice, LongTaskOptions {}

/**
 * Opens a data set: MVTec AD, AD 2 and LOCO, BTAD, KolektorSDD and SDD2, VisA, MPDD, Magnetic Tile, a plain folder with `good`,
 * or a CSV manifest. Of a root with several categories, one must be chosen.
 * @param path its folder, that of a category, or a manifest
 * @returns samples in the order of their paths, or of the rows of the table that lists them
 * @throws NOT_FOUND without the folder or the category; INVALID_DATA when no layout fits, no category is chosen among several,
 * or samples are wrong: the first problems are listed, and `checkDataset` gives them all; ABORTED
 */
export async function openDataset(path: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const { layout: name, signal, onProgress } = options
  const found = await findLayout(WHERE, path, name)
  const { layout, categories } = found
  const category = options.category ?? found.category
  if (options.category !== undefined) checkCategory(WHERE, path, found, options.category)
  else if (categories.length > 0) {
    const expected = `one category of ${path} (${layout.name}), or its folder: ${categories.join(', ')}`
    throw new TabError('INVALID_DATA', { where: WHERE, expected, actual: 'none chosen' })
  }
  const { tree, root } = categoryTree(found, category)
  const { samples, problems } = await layout.read(tree, { category, signal, onProgress })
  const serious = problems.filter(({ kind }) => PROBLEM_KINDS[kind])
  if (serious.length > 0) {
    const message = `${root} is no sound data set (${layout.name}): ${countProblems(serious)}\n${describeProblems(serious)}`
    throw new TabError('INVALID_DATA', { where: WHERE, message })
  }
  return {
    name: category ?? basename(resolve(root)),
    root,
    samples: category === undefined ? samples : samples.map((sample) => ({ ...sample, category })),
  }
}

/**
 * The categories of a root that holds several data sets of one layout; none when it is a single one.
 * @throws NOT_FOUND, INVALID_DATA as {@link openDataset}
 */
export async function listCategories(
  path: string,
  { layout }: Pick<DatasetChoice, 'layout'> = {},
): Promise<readonly string[]> {
  return (await findLayout('listCategories', path, layout)).categories
}
