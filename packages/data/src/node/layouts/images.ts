import { basename, dirname, resolve } from 'node:path'
import { comparable, stem, unreadSuffix } from '../image-names.ts'
import { DOCUMENT } from '../read-folder.ts'
import { folderTree, type FolderTree } from './folder-tree.ts'
import type { Layout } from './layout.ts'
import { isMaskStem, purposeOf } from './near-names.ts'
import { readingBuilder } from './reading-builder.ts'

const TABLE = /\.(csv|tsv|json|jsonl|xml)$/i // may say of each image what it shows
const MASKS = /^(ground[ _-]?truth|masks?|gt)([ _-]?(dir|folder|images?))?$/i

/**
 * A flat folder of images, besides hidden and text files: all of them good parts, for training. Anything else in it (a folder, a
 * table, a mask or an annotation by its name) makes it another layout, or none.
 */
export const images: Layout = {
  name: 'images',
  sign: 'images of good parts and nothing else',
  detect: async (tree) => (await tree.images('')).length > 0 && (await whyNotFlat(tree)) === undefined,
  async read(tree) {
    const reading = readingBuilder(tree)
    for (const file of await reading.images('')) reading.addSample({ file, split: 'train', defect: 'good' })
    return reading.finish('.')
  },
}

/** Why a folder that holds images is not a flat folder of images of good parts; undefined if it is one. */
export async function whyNotFlat(tree: FolderTree): Promise<string | undefined> {
  const [names, files, folders] = await Promise.all([tree.images(''), tree.files(''), tree.folders('')])
  if (folders.length > 0) return `has folders next to its images: ${listed(folders)}`
  const masks = names.filter((name) => isMaskStem(comparable(stem(name))))
  if (masks.length > 0) return `holds masks, by their names: ${listed(masks)}`
  const others = files.filter((name) => !names.includes(name) && unreadSuffix(name) === undefined)
  const tables = others.filter((name) => TABLE.test(name))
  if (tables.length > 0) return `holds a table (${listed(tables)}), which may say what the images show`
  const stems = new Set(names.map((name) => comparable(stem(name))))
  const annotations = others.filter((name) => stems.has(comparable(stem(name))))
  if (annotations.length > 0) return `holds annotations, by their names: ${listed(annotations)}`
  const foreign = others.filter((name) => !DOCUMENT.test(name))
  if (foreign.length > 0) return `holds other files next to its images: ${listed(foreign)}`
  return whyNotGood(tree)
}

/** Why the folder of images cannot hold good parts: it is named after masks or defects, or is a defect type of a data set. */
async function whyNotGood(tree: FolderTree): Promise<string | undefined> {
  const path = resolve(tree.path(''))
  const [name, above] = [basename(path), dirname(path)]
  const purpose = purposeOf(name)
  if (MASKS.test(name) || MASKS.test(basename(above))) return 'is a folder of masks, by its name'
  if (purpose === 'defective') return 'is a folder of defective parts, by its name'
  if (purpose === 'good' || purpose === 'train' || basename(above) !== 'test') return undefined
  const beside = await folderTree(dirname(above), 'openDataset')
    .folders('')
    .catch((): string[] => [])
  return beside.includes('train') ? `is a defect type of the data set ${dirname(above)}, by its name` : undefined
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`
}
