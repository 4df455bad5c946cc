import { joined } from './folder-tree.ts'
import { holdOut } from './hold-out.ts'
import { labelledByMask, type MaskedImage } from './labelled-by-mask.ts'
import type { Layout } from './layout.ts'
import { isImageName, readingBuilder, stem } from './reading-builder.ts'

const ITEM = /^kos\d+$/

/**
 * KolektorSDD (Tabernik et al., JIM 31, 2020; https://www.vicos.si/resources/kolektorsdd/): a folder an item, `kos01` to
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
    const items = (await tree.folders('')).filter((name) => ITEM.test(name))
    const images: (MaskedImage & { item: string })[] = []
    for (const item of items) {
      const files = await tree.files(item)
      const parts = files.filter((name) => isImageName(name) && !stem(name).endsWith('_label'))
      if (parts.length === 0) reading.addProblem('empty-folder', item, 'holds no image')
      const left = new Set(files.filter((name) => stem(name).endsWith('_label')))
      for (const part of parts) {
        const mask = `${stem(part)}_label.bmp`
        const file = joined(item, part)
        if (left.delete(mask)) images.push({ item, file, mask: joined(item, mask) })
        else {
          reading.know(file)
          reading.addProblem('missing-mask', file, `has no ${mask}, which says whether it is good`)
        }
      }
      for (const mask of left) {
        reading.know(joined(item, mask))
        reading.addProblem('extra-mask', joined(item, mask), 'belongs to no image')
      }
    }
    const heldOut = holdOut(items)
    for (const { item, file, mask, defective } of await labelledByMask(tree, reading, images, options)) {
      if (!defective) reading.know(mask)
      const split = defective || heldOut.has(item) ? 'test' : 'train'
      reading.addSample({ file, split, ...(defective ? { defect: 'defect', mask } : { defect: 'good' }) })
    }
    return reading.finish('kos*')
  },
}
