import type { Sample } from '../../dataset.ts'
import { comparable, stem } from '../image-names.ts'
import { findFolder } from './folder-names.ts'
import { joined, type FolderTree } from './folder-tree.ts'
import { isMaskStem, isNearName, isSameButForCase, stemOfMasked } from './near-names.ts'
import type { ReadingBuilder } from './reading-builder.ts'

/** A folder of images with one defect type, or of good parts. */
export interface DefectFolder {
  readonly folder: string
  readonly split: Sample['split']
  readonly defect: string
  /** The folder of its masks, named as the images or with `_mask` appended. Default: none. */
  readonly masks?: string
}

/**
 * Adds the images of a folder with their masks. A missing mask folder is reported only if its parent exists, as a data set may have
 * no masks at all. If the mask folder exists, every image needs a mask. The Unicode form of names does not matter; names that differ
 * in letter case are reported.
 */
export async function addDefectFolder(
  tree: FolderTree,
  reading: ReadingBuilder,
  { folder, split, defect, masks }: DefectFolder,
): Promise<void> {
  const names = await reading.images(folder)
  if (names.length === 0 && split !== 'train') reading.addProblem('empty-folder', folder, 'holds no image')
  reportMasksAmong(reading, folder, names)
  const found = masks === undefined ? undefined : await findMasks(tree, reading, folder, masks)
  if (!found || found.names.length === 0) {
    for (const name of names) reading.addSample({ file: joined(folder, name), split, defect })
    const isLost = masks !== undefined && names.length > 0 && found?.isMisnamed !== true
    if (isLost && (await tree.folders(parent(masks))).length > 0) {
      reading.addProblem('no-mask-folder', folder, `has no masks in ${masks}, so it counts only at image level`)
    }
    return
  }
  const byStem = groupByStem(found.names)
  const seen = new Map<string, string>()
  for (const name of names) {
    const file = joined(folder, name)
    const key = comparable(stem(name))
    const twin = seen.get(key)
    if (twin !== undefined) {
      const message = `differs from ${twin} only in suffix or Unicode form: the mask in ${masks} could belong to either`
      reading.addProblem('same-stem', file, message)
      reading.addSample({ file, split, defect })
      continue
    }
    seen.set(key, name)
    const [mask, ...others] = byStem.get(`${key}_mask`) ?? byStem.get(key) ?? []
    if (mask === undefined) {
      const other = found.names.find((each) => isSameButForCase(stem(each).replace(/_mask$/i, ''), stem(name)))
      const hint = other === undefined ? '' : `; ${other} differs in letter case`
      const message = `has no mask in ${masks}, which must have one for every image of ${folder}${hint}`
      reading.addProblem('missing-mask', file, message)
      reading.addSample({ file, split, defect })
      continue
    }
    for (const other of others) {
      reading.know(joined(found.folder, other))
      const message = `differs from ${mask} only in suffix or Unicode form: either could be the mask of ${file}`
      reading.addProblem('same-stem', joined(found.folder, other), message)
    }
    byStem.delete(comparable(stem(mask)))
    reading.addSample({ file, split, defect, mask: joined(found.folder, mask) })
  }
  for (const name of [...byStem.values()].flat()) {
    reading.know(joined(found.folder, name))
    reading.addProblem('extra-mask', joined(found.folder, name), `belongs to no image of ${folder}`)
  }
}

interface FoundMasks {
  readonly folder: string
  readonly names: readonly string[]
  /** Whether a folder of nearly that name was reported. */
  readonly isMisnamed: boolean
}

async function findMasks(
  tree: FolderTree,
  reading: ReadingBuilder,
  folder: string,
  masks: string,
): Promise<FoundMasks> {
  const [above, name] = [parent(masks), masks.slice(masks.lastIndexOf('/') + 1)]
  const found = await findFolder(tree, above, name)
  if (found !== undefined) return { folder: found, names: await reading.images(found), isMisnamed: false }
  const siblings = await tree.folders(parent(folder)) // their masks are not meant for this folder
  const other = (await tree.folders(above)).find(
    (each) => isSameButForCase(each, name) || (isNearName(each, name) && !siblings.includes(each)),
  )
  if (other === undefined) return { folder: masks, names: [], isMisnamed: false }
  for (const file of await tree.images(joined(above, other))) reading.know(joined(joined(above, other), file))
  const message = `is not read: the masks of ${folder} are expected in ${masks}`
  reading.addProblem('misnamed-folder', joined(above, other), message)
  return { folder: masks, names: [], isMisnamed: true }
}

/** Masks next to their images would be taken for photographs. */
export function reportMasksAmong(reading: ReadingBuilder, folder: string, names: readonly string[]): void {
  const stems = new Set(names.map((name) => comparable(stem(name)).toLowerCase()))
  for (const name of names) {
    const own = comparable(stem(name)).toLowerCase()
    if (!isMaskStem(own) || !stems.has(stemOfMasked(own))) continue
    reading.addProblem('mask-as-image', joined(folder, name), 'is a mask, by its name, among the images')
  }
}

function groupByStem(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const key = comparable(stem(name))
    groups.set(key, [...(groups.get(key) ?? []), name])
  }
  return groups
}

/** Masks of good parts, which some copies of a data set contain, must be black; they are only checked for that. */
export async function addBlackMasks(tree: FolderTree, reading: ReadingBuilder, folder: string): Promise<void> {
  for (const name of await tree.images(folder)) reading.addBlackMask(joined(folder, name))
  for (const name of await tree.files(folder)) reading.know(joined(folder, name))
}

function parent(folder: string): string {
  return folder.slice(0, Math.max(0, folder.lastIndexOf('/')))
}
