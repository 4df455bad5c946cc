import { comparable, stem } from '../image-names.ts'
import { checkFolderNames } from './folder-names.ts'
import { joined } from './folder-tree.ts'
import { holdOut } from './hold-out.ts'
import type { Layout } from './layout.ts'
import { readingBuilder } from './reading-builder.ts'

const KIND = /^MT_(.+)$/
const GOOD = 'MT_Free'
const KINDS = [GOOD, 'MT_Blowhole', 'MT_Break', 'MT_Crack', 'MT_Fray', 'MT_Uneven']
const PHOTOGRAPH = /\.jpe?g$/i

/**
 * Magnetic Tile (Huang et al., The Visual Computer 36, 2020; https://github.com/abin24/Magnetic-tile-defect-datasets.):
 * `MT_Blowhole`, `MT_Break`, `MT_Crack`, `MT_Fray`, `MT_Uneven` and `MT_Free` (good), each with a folder `Imgs` of
 * photographs `.jpg` and masks `.png` of the same names. It has no split: a fifth of the good images are test images.
 */
export const magneticTile: Layout = {
  name: 'magnetic-tile',
  sign: `${GOOD}/Imgs`,
  detect: async (tree) => (await tree.folders(GOOD)).includes('Imgs'),
  async read(tree) {
    const reading = readingBuilder(tree)
    await checkFolderNames(tree, reading, '', KINDS)
    for (const kind of (await tree.folders('')).filter((name) => KIND.test(name))) {
      const folder = `${kind}/Imgs`
      const files = await reading.images(folder)
      await checkFolderNames(tree, reading, kind, ['Imgs'])
      const photographs = files.filter((name) => PHOTOGRAPH.test(name))
      const masks = new Map(files.filter((name) => name.endsWith('.png')).map((name) => [comparable(name), name]))
      const seen = new Map<string, string>()
      if (photographs.length === 0) reading.addProblem('empty-folder', folder, 'holds no photograph (.jpg)')
      const heldOut = holdOut(kind === GOOD ? photographs : [])
      for (const name of photographs) {
        const file = joined(folder, name)
        const wanted = comparable(`${stem(name)}.png`)
        const mask = masks.get(wanted)
        masks.delete(wanted)
        const twin = seen.get(wanted)
        seen.set(wanted, name)
        if (twin !== undefined) {
          const message = `differs from ${twin} only in suffix or Unicode form: ${wanted} could belong to either`
          reading.addProblem('same-stem', file, message)
        }
        if (kind === GOOD) {
          if (mask !== undefined) reading.addBlackMask(joined(folder, mask))
          reading.addSample({ file, split: heldOut.has(name) ? 'test' : 'train', defect: 'good' })
          continue
        }
        if (mask === undefined && twin === undefined) reading.addProblem('missing-mask', file, `has no mask ${wanted}`)
        const defect = kind.replace(KIND, '$1').toLowerCase()
        reading.addSample({ file, split: 'test', defect, mask: mask === undefined ? undefined : joined(folder, mask) })
      }
      for (const mask of masks.values()) {
        reading.know(joined(folder, mask))
        reading.addProblem('extra-mask', joined(folder, mask), 'belongs to no photograph')
      }
    }
    return reading.finish(`${GOOD}/Imgs`)
  },
}
