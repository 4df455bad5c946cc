import type { Problem } from '../../problem.ts'
import { joined, type FolderTree } from './folder-tree.ts'
import { whyNotFlat } from './images.ts'
import { isNearName, purposeOf } from './near-names.ts'

/** What a folder may be meant as, by its path relative to the tree. */
export type NearMiss = Pick<Problem, 'path' | 'message'>

/** What the folders of an unknown layout may be meant as, in one phrase each, with paths relative to the tree. */
export async function nearMisses(tree: FolderTree): Promise<NearMiss[]> {
  const misses = await nearMissesOfFolders(tree)
  const reason = (await tree.images('')).length > 0 ? await whyNotFlat(tree) : undefined
  if (reason !== undefined)
    misses.push({ path: '.', message: `a flat folder of images may hold nothing else, but this one ${reason}` })
  return misses
}

async function nearMissesOfFolders(tree: FolderTree): Promise<NearMiss[]> {
  const folders = await tree.folders('')
  const misses: NearMiss[] = []
  for (const name of folders.filter((each) => isNearName(each, 'train'))) {
    const inner = await tree.folders(name)
    const good =
      inner.find((each) => each === 'good' || each === 'ok') ?? inner.find((each) => isNearName(each, 'good'))
    if (name === 'train' && (good === 'good' || good === 'ok')) continue
    if (good !== undefined) misses.push({ path: `${name}/${good}`, message: 'train/good is expected' })
    else if ((await tree.images(name)).length > 0)
      misses.push({ path: name, message: 'its good images are expected in train/good' })
  }
  for (const name of folders.filter((each) => isNearName(each, 'good') && each !== 'good')) {
    misses.push({ path: name, message: 'images of good parts are expected in a folder good' })
  }
  for (const name of folders.filter((each) => each !== 'MT_Free' && each.toLowerCase() === 'mt_free')) {
    misses.push({ path: name, message: 'MT_Free is expected' })
  }
  for (const name of await tree.files('')) {
    if (name.toLowerCase().endsWith('.csv'))
      misses.push({ path: name, message: 'a manifest is named manifest.csv, or is itself the path' })
  }
  return misses
}

/** The same for the folders in a folder that may be meant as categories. */
export async function nearMissesBelow(
  folders: readonly string[],
  part: (folder: string) => FolderTree,
): Promise<NearMiss[]> {
  const misses: NearMiss[] = []
  for (const folder of folders) {
    if (purposeOf(folder) !== undefined) continue
    for (const name of await part(folder).folders('')) {
      if (name === 'train' || isNearName(name, 'train') || isNearName(name, 'good')) {
        misses.push(
          ...(await nearMissesOfFolders(part(folder))).map(({ path, message }) => ({
            path: joined(folder, path),
            message,
          })),
        )
        break
      }
    }
  }
  return misses
}
