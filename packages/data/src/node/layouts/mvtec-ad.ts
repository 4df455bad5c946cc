import { addBlackMasks, addDefectFolder } from './defect-folder.ts'
import { checkDefectName, checkFolderNames } from './folder-names.ts'
import type { FolderTree } from './folder-tree.ts'
import type { Layout, Reading } from './layout.ts'
import { readingBuilder } from './reading-builder.ts'

/**
 * MVTec AD (Bergmann et al., CVPR 2019; https://www.mvtec.com/company/research/datasets/mvtec-ad): one folder per category with
 * `train/good`, `test/good`, `test/<defect>` and masks as `ground_truth/<defect>/<name>_mask.png`. Masks named like their
 * image are accepted too, as conversions to this layout have them.
 */
export const mvtecAd: Layout = {
  name: 'mvtec-ad',
  sign: 'train/good and test',
  detect: async (tree) => (await tree.folders('train')).includes('good'),
  read: (tree) => readMvtecAd(tree, 'good'),
}

/**
 * A category of MVTec AD, or of a data set that differs from it only in the name of the folders of good parts.
 * @param good that name
 */
export async function readMvtecAd(tree: FolderTree, good: string): Promise<Reading> {
  const reading = readingBuilder(tree)
  await checkFolderNames(tree, reading, '', ['train', 'test', 'ground_truth'])
  await addDefectFolder(tree, reading, { folder: `train/${good}`, split: 'train', defect: 'good' })
  for (const defect of await tree.folders('test')) {
    const folder = `test/${defect}`
    if (defect === good) await addDefectFolder(tree, reading, { folder, split: 'test', defect: 'good' })
    else {
      const masks = `ground_truth/${defect}`
      const isDefect = await checkDefectName(tree, reading, folder, defect, { good: `test/${good}`, masks })
      await addDefectFolder(tree, reading, { folder, split: 'test', defect, ...(isDefect ? { masks } : {}) })
    }
  }
  await addBlackMasks(tree, reading, `ground_truth/${good}`)
  return reading.finish(`train/${good}`)
}
