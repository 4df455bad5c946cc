import { stem } from '../image-names.ts'
import { checkFolderNames } from './folder-names.ts'
import { labelledByMask } from './labelled-by-mask.ts'
import type { Layout } from './layout.ts'
import { readingBuilder } from './reading-builder.ts'

const SPLITS = ['train', 'test'] as const

/**
 * KolektorSDD2 (Bozic et al., Computers in Industry 129, 2021; https://www.vicos.si/resources/kolektorsdd2/): `train` and
 * `test` with `<number>.png` and its mask `<number>_GT.png`; a surface is good when its mask is black. As read by the
 * authors' `input_ksdd2.py` (github.com/vicoslab/mixed-segdec-net-comind2021).
 *
 * The training set has defective images too. They are samples of label 1; leave them out of a fit on good parts.
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
    await checkFolderNames(tree, reading, '', SPLITS)
    for (const { folder, file, mask, defective } of await labelledByMask(tree, reading, SPLITS, '_GT.png', options)) {
      const split = folder === 'train' ? 'train' : 'test'
      reading.addSample({ file, split, ...(defective ? { defect: 'defect', mask } : { defect: 'good' }) })
    }
    return reading.finish('train')
  },
}
