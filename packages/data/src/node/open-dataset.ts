import { readdir, stat } from 'node:fs/promises'
import { basename, join, parse, resolve } from 'node:path'
import { TabError } from '@tab/core'
import type { Dataset, Sample } from '../dataset.ts'

const WHERE = 'openDataset'
const IMAGE = /\.(png|jpe?g|bmp|tiff?|webp)$/i

/**
 * Opens a data set in the layout of MVTec AD: `train/good`, `test/good`, `test/<defect>`, and masks as
 * `ground_truth/<defect>/<name>_mask.png` (or `<name>.png`). A data set may have no masks at all; if it has them for a defect
 * type, every image of that type needs one.
 * @returns samples in the order of their paths
 * @throws NOT_FOUND without the folder, INVALID_DATA when it is not laid out so, has no good training image, or lacks masks
 */
export async function openDataset(root: string): Promise<Dataset> {
  if (!(await isFolder(root))) {
    throw new TabError('NOT_FOUND', { where: WHERE, expected: 'a folder', actual: `${root}, which does not exist` })
  }
  if (!(await isFolder(join(root, 'train', 'good')))) {
    const found = (await readdir(root)).slice(0, 8).join(', ') || 'nothing'
    throw new TabError('INVALID_DATA', {
      where: WHERE,
      expected: `${root} must hold train/good and test`,
      actual: found,
    })
  }
  const train = await samplesOf(root, 'train', 'good')
  if (train.length === 0) {
    throw new TabError('INVALID_DATA', {
      where: WHERE,
      expected: `${join(root, 'train/good')} must hold images`,
      actual: 'none',
    })
  }
  const defects = (await isFolder(join(root, 'test'))) ? await subfolders(join(root, 'test')) : []
  const test = await Promise.all(defects.map((defect) => samplesOf(root, 'test', defect)))
  return { name: basename(resolve(root)), root, samples: [...train, ...test.flat()] }
}

async function samplesOf(root: string, split: Sample['split'], defect: string): Promise<Sample[]> {
  const names = await imageNames(join(root, split, defect))
  const masks = defect === 'good' ? undefined : await masksOf(root, defect, names)
  return names.map((name, index): Sample => {
    const maskPath = masks?.[index]
    return {
      id: `${split}/${defect}/${name}`,
      path: join(root, split, defect, name),
      split,
      label: defect === 'good' ? 0 : 1,
      defect,
      ...(maskPath === undefined ? {} : { maskPath }),
    }
  })
}

/** The mask of each image, or undefined when the defect type has no masks. */
async function masksOf(root: string, defect: string, names: readonly string[]): Promise<string[] | undefined> {
  const folder = join(root, 'ground_truth', defect)
  if (!(await isFolder(folder))) return undefined
  const byStem = new Map((await imageNames(folder)).map((name) => [parse(name).name, name]))
  const masks = names.map((name) => byStem.get(`${parse(name).name}_mask`) ?? byStem.get(parse(name).name))
  const lacking = names.filter((_, index) => masks[index] === undefined)
  if (lacking.length > 0) {
    throw new TabError('INVALID_DATA', {
      where: WHERE,
      expected: `${folder} must hold a mask for every image of test/${defect}`,
      actual: `none for ${lacking.slice(0, 5).join(', ')}${lacking.length > 5 ? ` and ${lacking.length - 5} more` : ''}`,
    })
  }
  return masks.map((name) => join(folder, name as string))
}

async function imageNames(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => IMAGE.test(name) && !name.startsWith('.')).sort()
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort()
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
