import { addBlackMasks, addDefectFolder, reportMasksAmong } from './defect-folder.ts'
import { checkDefectName } from './folder-names.ts'
import { joined } from './folder-tree.ts'
import { holdOut } from './hold-out.ts'
import type { Layout } from './layout.ts'
import { readingBuilder, type ReadingBuilder } from './reading-builder.ts'

const MASKS = ['masks', 'ground_truth']

/**
 * A plain folder: `good` with images of good parts, any other folder a defect type, and masks as
 * `masks/<defect>/<name>.png` or `ground_truth/<defect>/<name>_mask.png`. If there are defects, a fifth of the good images are
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
    await addGood(reading, defects.length > 0)
    for (const defect of defects) {
      const own = `${masks ?? 'masks'}/${defect}`
      const isDefect = await checkDefectName(tree, reading, defect, defect, { good: 'good', masks: own })
      await addDefectFolder(tree, reading, {
        folder: defect,
        split: 'test',
        defect,
        ...(masks === undefined || !isDefect ? {} : { masks: own }),
      })
    }
    if (masks !== undefined) await addBlackMasks(tree, reading, `${masks}/good`)
    return reading.finish('good')
  },
}

async function addGood(reading: ReadingBuilder, isHeldOut: boolean): Promise<void> {
  const names = await reading.images('good')
  reportMasksAmong(reading, 'good', names)
  const heldOut = holdOut(isHeldOut ? names : [])
  for (const name of names) {
    reading.addSample({ file: joined('good', name), split: heldOut.has(name) ? 'test' : 'train', defect: 'good' })
  }
}
