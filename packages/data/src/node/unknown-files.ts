import { joined, type FolderTree } from './layouts/folder-tree.ts'
import type { LayoutName } from '../layout-names.ts'
import type { Problem } from '../problem.ts'
import { DOCUMENT, whyLeftOut } from './read-folder.ts'

/** The part of a tree that a layout has read. */
export interface KnownFiles {
  readonly layout: LayoutName
  /** Files that the layout knows, by path relative to the tree. */
  readonly known: ReadonlySet<string>
  /** The folders whose images are read. */
  readonly folders: ReadonlySet<string>
}

/**
 * Finds what a layout did not read: images in subfolders of a folder whose images are read, pictures in other formats, other files
 * without a place in the layout, and odd entries. Text and hidden files are fine. Circular links are followed once.
 * @param start the folder to begin at
 * @throws INVALID_DATA if a folder cannot be read
 */
export async function unknownFiles(
  tree: FolderTree,
  start: string,
  { layout, known, folders }: KnownFiles,
  where: string,
): Promise<Problem[]> {
  const message = `has no place in the layout ${layout}`
  async function visit(folder: string, above: readonly string[]): Promise<Problem[]> {
    const found: Problem[] = (await tree.odd(folder)).map(({ kind, name, message }) => {
      return { kind, path: joined(folder, name), message }
    })
    const files = (await tree.files(folder)).filter((name) => !known.has(joined(folder, name)))
    const images = new Set(files.length > 0 ? await tree.images(folder) : [])
    const outer = folderAbove(folder, folders)
    let nested = 0
    for (const name of files) {
      const path = joined(folder, name)
      if (outer !== undefined && images.has(name)) nested++
      else if (folders.has(folder) && !images.has(name)) {
        const reason = await whyLeftOut(tree.path(path), name, where)
        if (reason !== undefined) found.push({ kind: 'left-out', path, message: reason })
        else if (!DOCUMENT.test(path)) found.push({ kind: 'unknown-file', path, message })
      } else if (!DOCUMENT.test(path)) found.push({ kind: 'unknown-file', path, message })
    }
    if (nested > 0) {
      const count = nested === 1 ? 'an image' : `${nested} images`
      const why = `holds ${count}, but only images directly in ${outer || 'the folder'} are read: move them there`
      found.push({ kind: 'nested-images', path: folder, message: why })
    }
    const inner = (await tree.folders(folder)).map((name) => joined(folder, name))
    const below = await Promise.all(
      inner.map(async (path): Promise<Problem[]> => {
        const real = await tree.real(path)
        if (!above.includes(real)) return visit(path, [...above, real])
        return [{ kind: 'circular-link', path, message: 'is a link to a folder that contains it' }]
      }),
    )
    return [...found, ...below.flat()]
  }
  return visit(start, [await tree.real(start)])
}

/** The folder above whose images are read, when this one's are not. */
function folderAbove(folder: string, folders: ReadonlySet<string>): string | undefined {
  if (folders.has(folder)) return undefined
  return [...folders].find((outer) => outer !== '' && folder.startsWith(`${outer}/`))
}
