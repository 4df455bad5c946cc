import type { LongTaskOptions } from '@tab/core'
import type { Sample } from '../../dataset.ts'
import type { LayoutName } from '../../layout-names.ts'
import type { FolderTree } from './folder-tree.ts'
import type { Problem } from '../../problem.ts'

/** How a data set lies on disk. */
export interface Layout {
  readonly name: LayoutName
  /** What it is recognised by, in words: `train/good`. */
  readonly sign: string
  /**
   * Whether the tree is laid out so.
   * @param name of the folder, where that says something
   */
  detect(tree: FolderTree, name: string): Promise<boolean>
  /** The categories that a file of the data set lists. A layout without this has one folder a category, or none. */
  categories?(tree: FolderTree): Promise<readonly string[]>
  /** Its samples and what is wrong with them. Never throws for what the data set holds. */
  read(tree: FolderTree, options: ReadOptions): Promise<Reading>
}

export interface ReadOptions extends LongTaskOptions {
  /** One of `categories`; default all. */
  readonly category?: string | undefined
}

/** What a layout found in a tree. */
export interface Reading {
  readonly samples: readonly Sample[]
  /** Their paths are relative to the tree. */
  readonly problems: readonly Problem[]
  /** Files that belong to the data set, samples and masks among them, by path relative to the tree. */
  readonly known: ReadonlySet<string>
  /** Folders whose images are read, masks among them: an image below or a picture in one that is not known is left out. */
  readonly folders: ReadonlySet<string>
  /** Masks of good images, which must be black. */
  readonly blackMasks: readonly string[]
  /** The masks of the samples, by `id`, as paths relative to the tree; also those that are no `maskPath` of a sample. */
  readonly masks: ReadonlyMap<string, readonly string[]>
}
