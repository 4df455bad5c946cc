import { comparable } from '../image-names.ts'
import { joined, type FolderTree } from './folder-tree.ts'
import { isNearName, isSameButForCase, purposeOf } from './near-names.ts'
import type { ReadingBuilder } from './reading-builder.ts'

/**
 * The folder of a name as it is on disk, where it may have another Unicode form.
 * @returns its path; undefined if there is none
 */
export async function findFolder(tree: FolderTree, parent: string, name: string): Promise<string | undefined> {
  const folders = await tree.folders(parent)
  const found = folders.includes(name) ? name : folders.find((other) => comparable(other) === comparable(name))
  return found === undefined ? undefined : joined(parent, found)
}

/** Reports the folders of `parent` whose name nearly matches an expected one: in other letter case, or if the expected one is missing. */
export async function checkFolderNames(
  tree: FolderTree,
  reading: ReadingBuilder,
  parent: string,
  expected: readonly string[],
): Promise<void> {
  const folders = await tree.folders(parent)
  for (const name of folders) {
    if (expected.includes(name)) continue
    const meant = expected.find(
      (other) => isSameButForCase(name, other) || (!folders.includes(other) && isNearName(name, other)),
    )
    if (meant === undefined) continue
    reading.addProblem('misnamed-folder', joined(parent, name), `is not read: ${joined(parent, meant)} is expected`)
  }
}

/**
 * Reports a folder in the place of a defect type whose name says otherwise: good parts, masks, or a split.
 * @param good where good parts are expected
 * @param masks where its masks are; a folder that has masks is a defect type after all
 * @returns whether it looks like a defect type
 */
export async function checkDefectName(
  tree: FolderTree,
  reading: ReadingBuilder,
  folder: string,
  name: string,
  { good, masks }: { readonly good: string; readonly masks: string },
): Promise<boolean> {
  const purpose = purposeOf(name)
  if (purpose === undefined || purpose === 'defective') return true
  if (purpose === 'masks' && (await tree.images(masks)).length > 0) return true
  const reasons = {
    good: `good parts are expected in ${good}`,
    masks: `masks are expected in ${masks.slice(0, masks.lastIndexOf('/'))}`,
  }
  const reason = purpose === 'good' || purpose === 'masks' ? reasons[purpose] : 'it names a part of a data set'
  reading.addProblem('misnamed-folder', folder, `is not a defect type, by its name: ${reason}`)
  return false
}
