import { posix, win32 } from 'node:path'
import type { Sample } from '../../dataset.ts'
import { readCsvTable } from './csv-table.ts'
import type { FolderTree } from './folder-tree.ts'
import type { Layout } from './layout.ts'
import { readListedSamples, readText, type SampleTable } from './listed-samples.ts'

const COLUMNS = { required: ['path', 'split', 'label'], optional: ['defect', 'mask', 'category'] }

/**
 * A CSV file that lists the images: `manifest.csv` in a folder. Columns, in any order: `path` and `mask` relative to that folder,
 * `split` (train, validation, test), `label` (0 good, 1 defective), and optionally `defect` (default `defect`), `mask`, and
 * `category`, which makes the categories of the data set.
 */
export const manifest: Layout = manifestNamed('manifest.csv')

/** The layout of a folder whose manifest has this name. */
export function manifestNamed(file: string): Layout {
  const table = async (tree: FolderTree): Promise<SampleTable> => parseManifest(await readText(tree, file))
  return {
    name: 'manifest',
    sign: file,
    detect: async (tree) => (await tree.files('')).includes(file),
    async categories(tree) {
      const names = (await table(tree)).samples.map(({ category }) => category)
      return [...new Set(names.filter((name) => name !== undefined))].sort()
    },
    read: async (tree, { category }) => readListedSamples(tree, file, await table(tree), category),
  }
}

/** The samples in the text of a manifest. */
function parseManifest(text: string): SampleTable {
  const { rows, problems } = readCsvTable(text, COLUMNS)
  const samples: SampleTable['samples'][number][] = []
  const faults = [...problems]
  for (const { line, fields } of rows) {
    const { path = '', split = '', label = '', mask = '', category = '' } = fields
    const defect = fields['defect'] || (label === '0' ? 'good' : 'defect')
    const fault = faultOf({ path, split, label, defect, mask })
    if (fault !== undefined) {
      faults.push({ line, message: fault })
      continue
    }
    samples.push({
      line,
      file: withSlashes(path),
      split: split as Sample['split'],
      defect,
      ...(mask === '' || label === '0' ? {} : { mask: withSlashes(mask) }),
      ...(category === '' ? {} : { category }),
    })
  }
  return { samples, problems: faults }
}

/** A path in the form of the tree, whichever system it was written on. */
function withSlashes(path: string): string {
  return posix.normalize(path.replaceAll('\\', '/'))
}

function faultOf(row: {
  path: string
  split: string
  label: string
  defect: string
  mask: string
}): string | undefined {
  if (row.path === '') return 'has no path'
  const absolute = [row.path, row.mask].find((path) => win32.isAbsolute(path)) // covers POSIX paths too
  if (absolute !== undefined) return `has the path ${absolute}, expected one relative to the folder of the manifest`
  if (!['train', 'validation', 'test'].includes(row.split)) {
    return `has the split ${JSON.stringify(row.split)}, expected train, validation or test`
  }
  if (row.label !== '0' && row.label !== '1') return `has the label ${JSON.stringify(row.label)}, expected 0 or 1`
  if ((row.label === '0') !== (row.defect === 'good')) return `has the label ${row.label} and the defect ${row.defect}`
  return undefined
}
