import { addDefectFolder } from './defect-folder.ts'
import { joined } from './folder-tree.ts'
import { holdOut } from './hold-out.ts'
import type { Layout } from './layout.ts'
import { isImageName, readingBuilder } from './reading-builder.ts'

const MASKS = ['masks', 'ground_truth']

/**
 * A plain folder: `good` with images of good parts, any other folder a defect type, and masks as
 * `masks/<defect>/<name>.png` or `ground_truth/<defect>/<name>_mask.png`. Where there are defects, a fifth of the good images are
 * test images; otherwise all are for training.
 */
export const plainFolder: Layout = {
  name: 'folder',
  sign: 'good',
  detect: async (tree) => (await tree.folders('')).includes('good'),
  async read(tree) {
    const reading = readingBuilder(tree)
    const folders = await tree.folders('')
    const masks = MASKS.find((name) => folders.includes(name))
    const defects = folders.filter((name) => name !== 'good' && !MASKS.includes(name))
    const good = (await tree.files('good')).filter(isImageName)
    const heldOut = holdOut(defects.length > 0 ? good : [])
    for (const name of good) {
      const split = heldOut.has(name) ? 'test' : 'train'
      reading.addSample({ file: joined('good', name), split, defect: 'good' })
    }
    for (const defect of defects) {
      await addDefectFolder(tree, reading, {
        folder: defect,
        split: 'test',
        defect,
        ...(masks === undefined ? {} : { masks: `${masks}/${defect}` }),
      })
    }
    return reading.finish('good')
  },
}
