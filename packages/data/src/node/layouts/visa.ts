import { readCsvTable } from './csv-table.ts'
import type { Layout } from './layout.ts'
import { readListedSamples, readText, type SampleTable } from './listed-samples.ts'

const TABLE = 'split_csv/1cls.csv'
const COLUMNS = { required: ['object', 'split', 'label', 'image', 'mask'], optional: [] }

/**
 * VisA (Zou et al., ECCV 2022; https://github.com/amazon-science/spot-diff): twelve objects as `<object>/Data/Images/Normal`,
 * `<object>/Data/Images/Anomaly` and `<object>/Data/Masks/Anomaly`, with the one-class split in `split_csv/1cls.csv`. The
 * objects are its categories. Its masks hold a number per kind of defect: all but 0 is defective, as in the authors'
 * `prepare_data.py`.
 */
export const visa: Layout = {
  name: 'visa',
  sign: TABLE,
  detect: async (tree) => (await tree.files('split_csv')).includes('1cls.csv'),
  async categories(tree) {
    const { samples } = parseVisaTable(await readText(tree, TABLE))
    return [...new Set(samples.map(({ category }) => category as string))].sort()
  },
  async read(tree, { category }) {
    return readListedSamples(tree, TABLE, parseVisaTable(await readText(tree, TABLE)), category)
  },
}

/** The samples of a split file of VisA. */
function parseVisaTable(text: string): SampleTable {
  const { rows, problems } = readCsvTable(text, COLUMNS)
  const samples: SampleTable['samples'][number][] = []
  const faults = [...problems]
  for (const { line, fields } of rows) {
    const { object: category, split, label, image, mask } = fields as Record<string, string>
    if ((split !== 'train' && split !== 'test') || (label !== 'normal' && label !== 'anomaly') || !image || !category) {
      const message = 'needs an object, a split train or test, a label normal or anomaly, and an image'
      faults.push({ line, message })
    } else if (label === 'normal') samples.push({ line, category, split, file: image, defect: 'good' })
    else if (mask) samples.push({ line, category, split, file: image, defect: 'anomaly', mask })
    else faults.push({ line, message: 'is an anomaly without a mask' })
  }
  return { samples, problems: faults }
}
