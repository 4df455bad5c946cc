import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { isImageFile, readFolder, type FolderContent, type OddEntry } from '../read-folder.ts'

/** A data set as a layout sees it: names in folders, by paths relative to its root, separated by `/`. */
export interface FolderTree {
  /** The names of the files in a folder, sorted by code units; empty if there is no such folder. */
  files(folder: string): Promise<readonly string[]>
  /** The names of the images among them: by suffix or, without one, by their first bytes. */
  images(folder: string): Promise<readonly string[]>
  /** The names of the folders in a folder, likewise. */
  folders(folder: string): Promise<readonly string[]>
  /** The other entries of a folder, and why they are left out. */
  odd(folder: string): Promise<readonly OddEntry[]>
  /** The path to read a file from. */
  path(relative: string): string
  /** The folder that a path resolves to, which reveals circular links. */
  real(folder: string): Promise<string>
}

const NOTHING: FolderContent = { files: [], folders: [], odd: [] }

/**
 * The folders below `root` on disk, each read once and only when needed. Hidden names, folders of the operating system and outputs
 * of commands are left out.
 * @param where the operation, for errors: INVALID_DATA if a folder or a link cannot be read
 */
export function folderTree(root: string, where: string): FolderTree {
  const known = new Map<string, Promise<FolderContent>>()
  const images = new Map<string, Promise<readonly string[]>>()
  function list(folder: string): Promise<FolderContent> {
    const found = known.get(folder) ?? readFolder(join(root, folder), where).then((content) => content ?? NOTHING)
    known.set(folder, found)
    return found
  }
  async function findImages(folder: string): Promise<readonly string[]> {
    const { files } = await list(folder)
    const are = await Promise.all(files.map((name) => isImageFile(join(root, folder, name), name, where)))
    return files.filter((_, index) => are[index])
  }
  return {
    files: async (folder) => (await list(folder)).files,
    folders: async (folder) => (await list(folder)).folders,
    odd: async (folder) => (await list(folder)).odd,
    images(folder) {
      const found = images.get(folder) ?? findImages(folder)
      images.set(folder, found)
      return found
    },
    path: (relative) => join(root, relative),
    real: (folder) => realpath(join(root, folder)),
  }
}

/** The part of a tree below one of its folders. */
export function subtree(tree: FolderTree, folder: string): FolderTree {
  return {
    files: (inner) => tree.files(joined(folder, inner)),
    images: (inner) => tree.images(joined(folder, inner)),
    folders: (inner) => tree.folders(joined(folder, inner)),
    odd: (inner) => tree.odd(joined(folder, inner)),
    path: (relative) => tree.path(joined(folder, relative)),
    real: (inner) => tree.real(joined(folder, inner)),
  }
}

/** Two parts of a path inside a tree; either may be empty. */
export function joined(folder: string, name: string): string {
  return folder === '' || name === '' ? folder + name : `${folder}/${name}`
}
