import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { isTabError, TabError } from '@tab/core'
import { OUTPUT_MARK } from '../image-names.ts'
import { isOutputFolder, unreadable } from '../read-folder.ts'
import { folderTree, subtree, type FolderTree } from './folder-tree.ts'
import type { LayoutName } from '../../layout-names.ts'
import type { Layout } from './layout.ts'
import { LAYOUTS } from './layouts.ts'
import { manifestNamed } from './manifest.ts'
import { isNearName, purposeOf } from './near-names.ts'
import { nearMisses, nearMissesBelow, type NearMiss } from './near-misses.ts'

/** Selects a data set of a root. */
export interface DatasetChoice {
  /** Default: determined from the content of the folder. */
  readonly layout?: LayoutName | undefined
  /** One of several kinds of parts, by the name of its folder or its name in the table. */
  readonly category?: string | undefined
}

/** A root whose layout is known. */
export interface FoundLayout {
  readonly layout: Layout
  /** The folder; for a manifest, the folder that holds it. */
  readonly root: string
  readonly tree: FolderTree
  /** Empty for a single data set. */
  readonly categories: readonly string[]
  /** Whether each category is a folder, or one table lists them all. */
  readonly byFolder: boolean
  /** The category chosen by the path: a folder next to the table that lists it. */
  readonly category?: string
  /** Other folders that may be meant as categories, with their paths. */
  readonly misses: readonly NearMiss[]
}

const PARTS = ['train', 'test', 'validation']
const MOST = 6 // near misses in a message

/** Whether a folder is, by its name, a part of a data set and therefore never a category. */
function isPart(name: string): boolean {
  const purpose = purposeOf(name) ?? ''
  return [...PARTS, 'good'].includes(purpose) || ['ground_truth', 'masks', 'mask'].includes(name.toLowerCase())
}

/**
 * Determines the layout and the categories of a root.
 * @throws NOT_FOUND if the root does not exist; INVALID_DATA if it cannot be read, is the output of a command, or no layout matches
 * (the message says what was expected and found), and if its categories have several layouts and none is chosen
 */
export async function findLayout(
  where: string,
  path: string,
  { layout: name, category }: DatasetChoice,
): Promise<FoundLayout> {
  const known = LAYOUTS.filter((layout) => name === undefined || layout.name === name)
  if (known.length === 0) {
    const expected = `layout must be one of ${LAYOUTS.map((layout) => layout.name).join(', ')}`
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual: JSON.stringify(name) })
  }
  const isTable = await checkRoot(where, path, name)
  const root = isTable ? dirname(path) : path
  const layouts = isTable ? [manifestNamed(basename(path))] : known
  const tree = folderTree(root, where)
  for (const layout of layouts) {
    if (!(await layout.detect(tree, basename(resolve(root))))) continue
    const categories = (await layout.categories?.(tree)) ?? []
    return { layout, root, tree, categories, byFolder: false, misses: [] }
  }
  const folders = (await tree.folders('')).filter((folder) => !isPart(folder))
  const byFolder = await findCategories(tree, folders, layouts)
  if (byFolder.length > 0) {
    const layout = chooseLayout(where, path, byFolder, category)
    const fits = byFolder.filter((found) => found.layout === layout || isAlike(found.layout, layout))
    const categories = fits.map(({ folder }) => folder)
    const others = folders.filter((folder) => !byFolder.some((found) => found.folder === folder))
    const misses = await nearMissesBelow(others, (folder) => subtree(tree, folder))
    return { layout, root, tree, categories, byFolder: true, misses }
  }
  const beside = await findBeside(root, layouts, where)
  if (beside) return beside
  throw await unknownLayout(where, path, tree, folders, layouts)
}

/** Whether the root is a table; throws if it is neither a table nor a folder. */
async function checkRoot(where: string, path: string, name: LayoutName | undefined): Promise<boolean> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw unreadable(where, path, cause)
    return undefined
  })
  if (!found) throw new TabError('NOT_FOUND', { where, expected: 'a folder', actual: `${path}, which does not exist` })
  const isTable = !found.isDirectory() && path.toLowerCase().endsWith('.csv') && (name ?? 'manifest') === 'manifest'
  if (!found.isDirectory() && !isTable) {
    throw new TabError('INVALID_DATA', { where, expected: 'a folder or a manifest .csv', actual: `${path}, a file` })
  }
  if (found.isDirectory() && (await isOutputFolder(path))) {
    const message = `${path} is the output of a command (it holds ${OUTPUT_MARK}), which is never read as input`
    throw new TabError('INVALID_DATA', { where, message })
  }
  return isTable
}

interface FoundCategory {
  readonly folder: string
  readonly layout: Layout
}

/** The folders that are data sets, each with the first layout that matches. */
async function findCategories(
  tree: FolderTree,
  folders: readonly string[],
  layouts: readonly Layout[],
): Promise<FoundCategory[]> {
  const found: FoundCategory[] = []
  for (const folder of folders) {
    for (const layout of layouts) {
      // A table is in the root, and a flat folder of images next to others could be anything.
      if (layout.categories || layout.name === 'images') continue
      if (layout.name === 'folder' && mayBePart(folder)) continue
      if (!(await layout.detect(subtree(tree, folder), folder))) continue
      found.push({ folder, layout })
      break
    }
  }
  return found
}

/** Whether a folder with `good` in it may be a part of a data set rather than a category. */
function mayBePart(name: string): boolean {
  return purposeOf(name) !== undefined || PARTS.some((part) => isNearName(name, part))
}

/** The layout of the chosen category, or of all of them. */
function chooseLayout(
  where: string,
  path: string,
  found: readonly FoundCategory[],
  category: string | undefined,
): Layout {
  const first = found[0] as FoundCategory
  const chosen = found.find(({ folder }) => folder === category)
  if (chosen) return chosen.layout
  // Layouts that are read alike go by the name of the more general one.
  const general = found.find(({ layout }) => layout.name === 'mvtec-ad') ?? first
  if (found.every(({ layout }) => isAlike(layout, general.layout))) return general.layout
  const names = found.map(({ folder, layout }) => `${folder} (${layout.name})`)
  throw new TabError('INVALID_DATA', {
    where,
    expected: `one layout for all categories of ${path}, or one chosen by layout or category`,
    actual: names.join(', '),
  })
}

/** MPDD has the layout of MVTec AD. */
function isAlike(a: Layout, b: Layout): boolean {
  return a === b || [a, b].every(({ name }) => name === 'mpdd' || name === 'mvtec-ad')
}

/** The root as a category of the table next to it. */
async function findBeside(root: string, layouts: readonly Layout[], where: string): Promise<FoundLayout | undefined> {
  const parent = folderTree(dirname(resolve(root)), where)
  const category = basename(resolve(root))
  for (const layout of layouts) {
    if (!layout.categories || !(await isThere(layout, parent))) continue
    if (!(await layout.categories(parent)).includes(category)) continue
    return { layout, root: dirname(root), tree: parent, categories: [], byFolder: false, category, misses: [] }
  }
  return undefined
}

/** Whether a layout matches the folder above, which may be unreadable, as nobody asked to read it. */
async function isThere(layout: Layout, parent: FolderTree): Promise<boolean> {
  return layout.detect(parent, '').catch((error: unknown) => {
    if (isTabError(error, 'INVALID_DATA')) return false
    throw error
  })
}

async function unknownLayout(
  where: string,
  path: string,
  tree: FolderTree,
  folders: readonly string[],
  layouts: readonly Layout[],
): Promise<TabError> {
  const names = [...(await tree.folders('')), ...(await tree.files(''))]
  const shown = `${names.slice(0, 8).join(', ') || 'nothing'}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`
  const part = (folder: string): FolderTree => subtree(tree, folder)
  const misses = [...(await nearMisses(tree)), ...(await nearMissesBelow(folders, part))]
  const told = misses.map(describeMiss)
  const more = misses.length > MOST ? [`and ${misses.length - MOST} more`] : []
  const hints = misses.length === 0 ? '' : ` Perhaps\n${lines([...told.slice(0, MOST), ...more])}\n`
  const signs = layouts.map((layout) => `${layout.name.padEnd(14)} ${layout.sign}`)
  const wanted = `${hints === '' ? ' ' : ''}It or its folders must hold\n${lines(signs)}`
  return new TabError('INVALID_DATA', {
    where,
    message: `${path} holds ${shown}, which is not a known layout.${hints}${wanted}`,
  })
}

/** A near miss in one line. */
export function describeMiss({ path, message }: NearMiss): string {
  return path === '.' ? message : `${path}: ${message}`
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `  ${text}`).join('\n')
}

/** The tree of one category, and the folder where it starts. */
export function categoryTree(
  { tree, root, byFolder }: FoundLayout,
  category: string | undefined,
): { tree: FolderTree; root: string; prefix: string } {
  if (!byFolder || category === undefined) return { tree, root, prefix: '' }
  return { tree: subtree(tree, category), root: tree.path(category), prefix: category }
}

/**
 * Checks the chosen category.
 * @throws NOT_FOUND if there is no such category
 */
export function checkCategory(
  where: string,
  path: string,
  { categories, misses }: FoundLayout,
  category: string,
): void {
  if (categories.includes(category)) return
  const expected = `one of the categories of ${path}: ${categories.join(', ')}`
  throw new TabError('NOT_FOUND', {
    where,
    expected: categories.length > 0 ? expected : `no category, as ${path} is a single data set`,
    actual: `${JSON.stringify(category)}${misses.length > 0 ? `; perhaps ${misses.map(describeMiss).join('; ')}` : ''}`,
  })
}
