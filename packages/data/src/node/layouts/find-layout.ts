import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { TabError } from '@tab/core'
import { folderTree, subtree, type FolderTree } from './folder-tree.ts'
import type { Layout, LayoutName } from './layout.ts'
import { LAYOUTS } from './layouts.ts'
import { manifestNamed } from './manifest.ts'

/** Which data set of a root is meant. */
export interface DatasetChoice {
  /** Default: found by what the folder holds. */
  readonly layout?: LayoutName | undefined
  /** One of several kinds of parts, by the name of its folder or in its table. */
  readonly category?: string | undefined
}

/** A root whose layout is known. */
export interface FoundLayout {
  readonly layout: Layout
  /** The folder; that of the file, where the root is a manifest. */
  readonly root: string
  readonly tree: FolderTree
  /** None when the root is a single data set. */
  readonly categories: readonly string[]
  /** Whether each category is a folder, or one table lists them all. */
  readonly byFolder: boolean
  /** The category that the path itself chose: a folder beside the table that lists it. */
  readonly category?: string
}

/** Folders of a data set, which are never taken for a category of it. */
const PARTS = ['train', 'test', 'validation', 'ground_truth', 'masks', 'good']

/**
 * Finds out how a root is laid out, and its categories.
 * @throws NOT_FOUND without the root; INVALID_DATA when no layout fits, saying what was looked for and found
 */
export async function findLayout(where: string, path: string, name: LayoutName | undefined): Promise<FoundLayout> {
  const known = LAYOUTS.filter((layout) => name === undefined || layout.name === name)
  if (known.length === 0) {
    const expected = `layout must be one of ${LAYOUTS.map((layout) => layout.name).join(', ')}`
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: JSON.stringify(name) })
  }
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new TabError('NOT_FOUND', { where, expected: 'a folder', actual: `${path}, which does not exist` })
  const isTable = !found.isDirectory() && path.toLowerCase().endsWith('.csv') && (name ?? 'manifest') === 'manifest'
  if (!found.isDirectory() && !isTable) {
    throw new TabError('INVALID_DATA', { where, expected: 'a folder, or a manifest .csv', actual: `${path}, a file` })
  }
  const root = isTable ? dirname(path) : path
  const layouts = isTable ? [manifestNamed(basename(path))] : known
  const tree = folderTree(root)
  for (const layout of layouts) {
    if (!(await layout.detect(tree, basename(resolve(root))))) continue
    const categories = (await layout.categories?.(tree)) ?? []
    return { layout, root, tree, categories, byFolder: false }
  }
  const folders = (await tree.folders('')).filter((folder) => !PARTS.includes(folder))
  for (const layout of layouts) {
    if (layout.categories) continue // its table stands in the root
    const detect = (folder: string): Promise<boolean> => layout.detect(subtree(tree, folder), folder).catch(() => false) // a folder that may not be read is no category
    const fits = await Promise.all(folders.map(detect))
    const categories = folders.filter((_, index) => fits[index])
    if (categories.length > 0) return { layout, root, tree, categories, byFolder: true }
  }
  const parent = folderTree(dirname(resolve(root)))
  for (const layout of layouts) {
    const name = basename(resolve(root))
    if (!layout.categories || !(await layout.detect(parent, ''))) continue
    if (!(await layout.categories(parent)).includes(name)) continue
    return { layout, root: dirname(root), tree: parent, categories: [], byFolder: false, category: name }
  }
  const names = [...(await tree.folders('')), ...(await tree.files(''))]
  const signs = layouts.map((layout) => `  ${layout.name.padEnd(14)} ${layout.sign}`)
  const shown = `${names.slice(0, 8).join(', ') || 'nothing'}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`
  const message = `${path} holds ${shown}, which is no known layout. It or its folders must hold\n${signs.join('\n')}`
  throw new TabError('INVALID_DATA', { where, message })
}

/** The tree of one category, and the folder that it starts at. */
export function categoryTree(
  { tree, root, byFolder }: FoundLayout,
  category: string | undefined,
): { tree: FolderTree; root: string; prefix: string } {
  if (!byFolder || category === undefined) return { tree, root, prefix: '' }
  return { tree: subtree(tree, category), root: tree.path(category), prefix: category }
}

/**
 * Checks that a category was chosen rightly.
 * @throws NOT_FOUND for one that there is not
 */
export function checkCategory(where: string, path: string, { categories }: FoundLayout, category: string): void {
  if (categories.includes(category)) return
  const expected = `one of the categories of ${path}: ${categories.join(', ')}`
  throw new TabError('NOT_FOUND', {
    where,
    expected: categories.length > 0 ? expected : `no category, for ${path} is a single data set`,
    actual: JSON.stringify(category),
  })
}
