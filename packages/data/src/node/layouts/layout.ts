import type { LongTaskOptions } from '@tab/core'
import type { Sample } from '../../dataset.ts'
import type { LayoutName } from '../../layout-names.ts'
import type { FolderTree } from './folder-tree.ts'
import type { Problem } from '../../problem.ts'

/** How a data set is laid out on disk. */
export interface Layout {
  readonly name: LayoutName
  /** How it is recognised, in words: `train/good`. */
  readonly sign: string
  /**
   * Whether the tree has this layout.
   * @param name the name of the folder, if it matters
   */
  detect(tree: FolderTree, name: string): Promise<boolean>
  /** The categories that a file of the data set lists. A layout without this has one folder per category, or no categories. */
  categories?(tree: FolderTree): Promise<readonly string[]>
  /** Its samples and their problems. Never throws because of the content of the data set. */
  read(tree: FolderTree, options: ReadOptions): Promise<Reading>
}

export interface ReadOptions extends LongTaskOptions {
  /** One of `categories`. Default: all. */
  readonly category?: string | undefined
}

/** The result of reading a tree by a layout. */
export interface Reading {
  readonly samples: readonly Sample[]
  /** Their paths are relative to the tree. */
  readonly problems: readonly Problem[]
  /** The files of the data set, including samples and masks, by path relative to the tree. */
  readonly known: ReadonlySet<string>
  /** The folders whose images or masks are read: images in their subfolders and unknown pictures in them are left out. */
  readonly folders: ReadonlySet<string>
  /** Masks of good images, which must be black. */
  readonly blackMasks: readonly string[]
  /** The masks of the samples by `id`, as paths relative to the tree; also those that are not the `maskPath` of a sample. */
  readonly masks: ReadonlyMap<string, readonly string[]>
}
