import { holdOut } from './hold-out.ts'
import { labelledByMask } from './labelled-by-mask.ts'
import type { Layout } from './layout.ts'
import { readingBuilder } from './reading-builder.ts'

const ITEM = /^kos\d+$/

/**
 * KolektorSDD (Tabernik et al., JIM 31, 2020; https://www.vicos.si/resources/kolektorsdd/): one folder per item, `kos01` to
 * `kos50`, with `Part0.jpg` ... `Part7.jpg` and a mask `Part0_label.bmp` each; a part is good when its mask is black.
 *
 * The authors' split (three folds by item, for supervised learning) has defects in the training set. For detectors that train on
 * good parts, all defective images are test images, and so are the good ones of a fifth of the items.
 */
export const kolektorSdd: Layout = {
  name: 'kolektor-sdd',
  sign: 'kos01/Part0.jpg',
  async detect(tree) {
    for (const item of await tree.folders('')) {
      if (ITEM.test(item)) return (await tree.files(item)).some((name) => /^Part\d+\./.test(name))
    }
    return false
  },
  async read(tree, options) {
    const reading = readingBuilder(tree)
    const folders = await tree.folders('')
    const items = folders.filter((name) => ITEM.test(name))
    for (const name of folders.filter((each) => !ITEM.test(each) && ITEM.test(each.toLowerCase()))) {
      reading.addProblem('misnamed-folder', name, `is not read: ${name.toLowerCase()} is expected`)
    }
    const heldOut = holdOut(items)
    for (const image of await labelledByMask(tree, reading, items, '_label.bmp', options)) {
      const { folder: item, file, mask, defective } = image
      const split = defective || heldOut.has(item) ? 'test' : 'train'
      reading.addSample({ file, split, ...(defective ? { defect: 'defect', mask } : { defect: 'good' }) })
    }
    return reading.finish('kos*')
  },
}
