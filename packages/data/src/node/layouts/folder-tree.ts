import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TabError } from '@tab/core'

/** What a layout sees of a data set: names in folders, by paths relative to its root with `/` between the parts. */
export interface FolderTree {
  /** Names of the files in a folder, in the order of their code units; none when there is no such folder. */
  files(folder: string): Promise<readonly string[]>
  /** Names of the folders in a folder, likewise. */
  folders(folder: string): Promise<readonly string[]>
  /** The path to read a file from. */
  path(relative: string): string
}

interface Listing {
  readonly files: readonly string[]
  readonly folders: readonly string[]
}

const NOTHING: Listing = { files: [], folders: [] }

/** The folders below `root` on disk, each read once and only when it is asked for. Hidden names are left out. */
export function folderTree(root: string): FolderTree {
  const known = new Map<string, Promise<Listing>>()
  function list(folder: string): Promise<Listing> {
    const found = known.get(folder) ?? readListing(join(root, folder))
    known.set(folder, found)
    return found
  }
  return {
    files: async (folder) => (await list(folder)).files,
    folders: async (folder) => (await list(folder)).folders,
    path: (relative) => join(root, relative),
  }
}

/** The part of a tree below one of its folders. */
export function subtree(tree: FolderTree, folder: string): FolderTree {
  return {
    files: (inner) => tree.files(joined(folder, inner)),
    folders: (inner) => tree.folders(joined(folder, inner)),
    path: (relative) => tree.path(joined(folder, relative)),
  }
}

/** Two parts of a path inside a tree; either may be empty. */
export function joined(folder: string, name: string): string {
  return folder === '' || name === '' ? folder + name : `${folder}/${name}`
}

async function readListing(path: string): Promise<Listing> {
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined
    throw new TabError('INVALID_DATA', {
      where: 'openDataset',
      message: `${path} cannot be read: ${cause.message}`,
      cause,
    })
  })
  if (!entries) return NOTHING
  const files: string[] = []
  const folders: string[] = []
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const isFolder = entry.isSymbolicLink() ? await pointsToFolder(join(path, entry.name)) : entry.isDirectory()
    const names = isFolder ? folders : files
    names.push(entry.name)
  }
  return { files: files.sort(), folders: folders.sort() }
}

function pointsToFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
