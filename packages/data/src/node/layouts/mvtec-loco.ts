import { comparable, stem } from '../image-names.ts'
import { addDefectFolder } from './defect-folder.ts'
import { checkDefectName, checkFolderNames } from './folder-names.ts'
import { joined } from './folder-tree.ts'
import type { Layout } from './layout.ts'
import { readingBuilder } from './reading-builder.ts'

const DEFECTS = ['logical_anomalies', 'structural_anomalies']

/**
 * MVTec LOCO AD (Bergmann et al., IJCV 130, 2022; https://www.mvtec.com/company/research/datasets/mvtec-loco): one folder per
 * category with `train/good`, `validation/good`, `test/{good,logical_anomalies,structural_anomalies}` and, for each defective
 * image, a folder of masks `ground_truth/<defect>/<name>/000.png, ...`. As read by anomalib's `MVTecLOCODataset`.
 *
 * The samples have no `maskPath`: an image has several masks, each with a saturation area in `defects_config.json`, and only
 * the saturated PRO of that paper is defined on them. Their union would give pixel metrics that cannot be compared with any others.
 * The masks are still checked for presence and size.
 */
export const mvtecLoco: Layout = {
  name: 'mvtec-loco',
  sign: `train/good and test/${DEFECTS.join(' or test/')}`,
  async detect(tree) {
    const test = await tree.folders('test')
    return DEFECTS.some((defect) => test.includes(defect)) && (await tree.folders('train')).includes('good')
  },
  async read(tree) {
    const reading = readingBuilder(tree)
    await checkFolderNames(tree, reading, '', ['train', 'validation', 'test', 'ground_truth'])
    await checkFolderNames(tree, reading, 'test', DEFECTS)
    await checkFolderNames(tree, reading, 'ground_truth', DEFECTS)
    await addDefectFolder(tree, reading, { folder: 'train/good', split: 'train', defect: 'good' })
    if ((await tree.folders('')).includes('validation')) {
      await addDefectFolder(tree, reading, { folder: 'validation/good', split: 'validation', defect: 'good' })
    }
    for (const defect of await tree.folders('test')) {
      const folder = `test/${defect}`
      if (defect !== 'good') {
        const masks = `ground_truth/${defect}`
        await checkDefectName(tree, reading, folder, defect, { good: 'test/good', masks })
      }
      await addDefectFolder(tree, reading, { folder, split: 'test', defect })
      if (defect === 'good' || !(await tree.folders('')).includes('ground_truth')) continue
      const images = new Map((await tree.images(folder)).map((name) => [comparable(stem(name)), name]))
      for (const name of await tree.folders(`ground_truth/${defect}`)) {
        const masks = `ground_truth/${defect}/${name}`
        const image = images.get(comparable(name))
        const files = await reading.images(masks)
        if (files.length === 0) continue // as if there were no folder: the image has no mask
        images.delete(comparable(name))
        if (image === undefined) reading.addProblem('extra-mask', masks, `belongs to no image of ${folder}`)
        for (const file of files) {
          if (image === undefined) reading.know(joined(masks, file))
          else reading.addFurtherMask(joined(folder, image), joined(masks, file))
        }
      }
      for (const [name, file] of images) {
        reading.addProblem('missing-mask', joined(folder, file), `has no mask in ground_truth/${defect}/${name}`)
      }
    }
    return reading.finish('train/good')
  },
}
