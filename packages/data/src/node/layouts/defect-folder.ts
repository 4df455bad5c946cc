import type { Sample } from '../../dataset.ts'
import { joined, type FolderTree } from './folder-tree.ts'
import { isImageName, stem, type ReadingBuilder } from './reading-builder.ts'

/** A folder of images of one defect type, or of good parts. */
export interface DefectFolder {
  readonly folder: string
  readonly split: Sample['split']
  readonly defect: string
  /** Where its masks are, named as the images or with `_mask` behind; default none. */
  readonly masks?: string
}

/**
 * Adds the images of a folder with their masks. A mask folder that does not exist is told of only when its parent does: a data
 * set may have no masks at all. Where it exists, every image needs a mask.
 */
export async function addDefectFolder(
  tree: FolderTree,
  reading: ReadingBuilder,
  { folder, split, defect, masks }: DefectFolder,
): Promise<void> {
  const names = (await tree.files(folder)).filter(isImageName)
  if (names.length === 0 && split !== 'train') reading.addProblem('empty-folder', folder, 'holds no image')
  const maskNames = masks === undefined ? [] : (await tree.files(masks)).filter(isImageName)
  const byStem = new Map(maskNames.map((name) => [stem(name), name]))
  for (const name of names) {
    const file = joined(folder, name)
    const mask = byStem.get(`${stem(name)}_mask`) ?? byStem.get(stem(name))
    if (mask !== undefined) byStem.delete(stem(mask))
    if (mask === undefined && maskNames.length > 0) {
      reading.addProblem(
        'missing-mask',
        file,
        `has no mask in ${masks}, which must hold one for every image of ${folder}`,
      )
    }
    reading.addSample({ file, split, defect, mask: mask === undefined ? undefined : joined(masks ?? '', mask) })
  }
  if (masks === undefined) return
  for (const name of byStem.values()) {
    reading.know(joined(masks, name))
    reading.addProblem('extra-mask', joined(masks, name), `belongs to no image of ${folder}`)
  }
  const siblings = await tree.folders(parent(masks))
  if (names.length > 0 && maskNames.length === 0 && siblings.length > 0) {
    reading.addProblem('no-mask-folder', folder, `has no masks in ${masks}, so it counts at image level only`)
  }
}

/** Masks of good parts, which some copies of a data set hold, are all black: they are known and not used. */
export async function ignoreMasks(tree: FolderTree, reading: ReadingBuilder, folder: string): Promise<void> {
  for (const name of await tree.files(folder)) reading.know(joined(folder, name))
}

function parent(folder: string): string {
  return folder.slice(0, Math.max(0, folder.lastIndexOf('/')))
}
