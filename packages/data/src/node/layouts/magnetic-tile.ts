import { joined } from './folder-tree.ts'
import { holdOut } from './hold-out.ts'
import type { Layout } from './layout.ts'
import { readingBuilder, stem } from './reading-builder.ts'

const KIND = /^MT_(.+)$/
const GOOD = 'MT_Free'
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
    for (const kind of (await tree.folders('')).filter((name) => KIND.test(name))) {
      const folder = `${kind}/Imgs`
      const files = await tree.files(folder)
      const photographs = files.filter((name) => PHOTOGRAPH.test(name))
      const masks = new Set(files.filter((name) => name.endsWith('.png')))
      if (photographs.length === 0) reading.addProblem('empty-folder', folder, 'holds no photograph (.jpg)')
      const heldOut = holdOut(kind === GOOD ? photographs : [])
      for (const name of photographs) {
        const file = joined(folder, name)
        const mask = `${stem(name)}.png`
        const hasMask = masks.delete(mask)
        if (kind === GOOD) {
          if (hasMask) reading.know(joined(folder, mask))
          reading.addSample({ file, split: heldOut.has(name) ? 'test' : 'train', defect: 'good' })
          continue
        }
        if (!hasMask) reading.addProblem('missing-mask', file, `has no mask ${mask}`)
        const defect = kind.replace(KIND, '$1').toLowerCase()
        reading.addSample({ file, split: 'test', defect, mask: hasMask ? joined(folder, mask) : undefined })
      }
      for (const mask of masks) {
        reading.know(joined(folder, mask))
        reading.addProblem('extra-mask', joined(folder, mask), 'belongs to no photograph')
      }
    }
    return reading.finish(`${GOOD}/Imgs`)
  },
}
