import { addBlackMasks, addDefectFolder } from './defect-folder.ts'
import { checkFolderNames } from './folder-names.ts'
import { joined } from './folder-tree.ts'
import type { Layout } from './layout.ts'
import { readingBuilder } from './reading-builder.ts'

/**
 * MVTec AD 2 (Heckler-Kram et al., arXiv 2503.21622; https://www.mvtec.com/company/research/datasets/mvtec-ad-2): one folder per
 * category with `train/good`, `validation/good`, `test_public/{good,bad}` and masks as
 * `test_public/ground_truth/bad/<name>_mask.png`. The images of `test_private` and `test_private_mixed` have no public labels
 * and are left out. As read by anomalib's `MVTecAD2Dataset`.
 */
export const mvtecAd2: Layout = {
  name: 'mvtec-ad-2',
  sign: 'train/good and test_public',
  async detect(tree) {
    return (await tree.folders('')).includes('test_public') && (await tree.folders('train')).includes('good')
  },
  async read(tree) {
    const reading = readingBuilder(tree)
    await checkFolderNames(tree, reading, '', [
      'train',
      'validation',
      'test_public',
      'test_private',
      'test_private_mixed',
    ])
    await checkFolderNames(tree, reading, 'test_public', ['good', 'bad', 'ground_truth'])
    await addDefectFolder(tree, reading, { folder: 'train/good', split: 'train', defect: 'good' })
    if ((await tree.folders('')).includes('validation')) {
      await addDefectFolder(tree, reading, { folder: 'validation/good', split: 'validation', defect: 'good' })
    }
    const masks = 'test_public/ground_truth/bad'
    await addDefectFolder(tree, reading, { folder: 'test_public/bad', split: 'test', defect: 'bad', masks })
    await addDefectFolder(tree, reading, { folder: 'test_public/good', split: 'test', defect: 'good' })
    await addBlackMasks(tree, reading, 'test_public/ground_truth/good')
    for (const folder of ['test_private', 'test_private_mixed']) {
      for (const name of await tree.files(folder)) reading.know(joined(folder, name))
    }
    return reading.finish('train/good')
  },
}
