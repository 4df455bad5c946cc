import { joined } from './folder-tree.ts'
import { labelledByMask, type MaskedImage } from './labelled-by-mask.ts'
import type { Layout } from './layout.ts'
import { isImageName, readingBuilder, stem } from './reading-builder.ts'

const SPLITS = ['train', 'test'] as const

/**
 * KolektorSDD2 (Bozic et al., Computers in Industry 129, 2021; https://www.vicos.si/resources/kolektorsdd2/): `train` and
 * `test` with `<number>.png` and its mask `<number>_GT.png`; a surface is good when its mask is black. As read by the
 * authors' `input_ksdd2.py` (github.com/vicoslab/mixed-segdec-net-comind2021).
 *
 * The training set has defective images too. They are samples of label 1: whoever fits on good parts leaves them out.
 */
export const kolektorSdd2: Layout = {
  name: 'kolektor-sdd2',
  sign: 'train/*_GT.png and test/*_GT.png',
  async detect(tree) {
    for (const split of SPLITS) if ((await tree.files(split)).some((name) => stem(name).endsWith('_GT'))) return true
    return false
  },
  async read(tree, options) {
    const reading = readingBuilder(tree)
    const images: (MaskedImage & { split: 'train' | 'test' })[] = []
    for (const split of SPLITS) {
      const files = (await tree.files(split)).filter(isImageName)
      const masks = new Set(files.filter((name) => stem(name).endsWith('_GT')))
      for (const name of files) {
        const mask = `${stem(name)}_GT.png`
        if (stem(name).endsWith('_GT')) continue
        const file = joined(split, name)
        if (masks.delete(mask)) images.push({ split, file, mask: joined(split, mask) })
        else {
          reading.know(file)
          reading.addProblem('missing-mask', file, `has no ${mask}, which says whether it is good`)
        }
      }
      for (const mask of masks) {
        reading.know(joined(split, mask))
        reading.addProblem('extra-mask', joined(split, mask), 'belongs to no image')
      }
    }
    for (const { split, file, mask, defective } of await labelledByMask(tree, reading, images, options)) {
      if (!defective) reading.know(mask)
      reading.addSample({ file, split, ...(defective ? { defect: 'defect', mask } : { defect: 'good' }) })
    }
    return reading.finish('train')
  },
}
