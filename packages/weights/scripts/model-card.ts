import type { WeightsRecord } from '../src/bundled/weights-record.ts'
import type { FigureTable, WeightsPlan } from './weights-plan.ts'

/** What was made, for `weights/<name>.record.json`: the record in the file's header, and the file. */
export interface FileRecord extends WeightsRecord {
  readonly file: {
    readonly name: string
    readonly byteLength: number
    readonly sha256: string
    /** What detectors that are fitted on it note. */
    readonly extractor: string
  }
  /** Heads and prototypes of the first training, for text-guided scoring on these weights. */
  readonly alignment: { readonly name: string; readonly byteLength: number; readonly sha256: string }
}

/** Content of `weights/<name>.card.json`: all that is known of bundled weights. */
export interface WeightsCard extends Pick<WeightsPlan, 'title' | 'use' | 'limits' | 'figures'> {
  readonly schema: 'tab.weights-card/1'
  readonly record: FileRecord
}

export function weightsCard({ title, use, limits, figures }: WeightsPlan, record: FileRecord): WeightsCard {
  return { schema: 'tab.weights-card/1', title, use, limits, figures, record }
}

/** The card for people, in Markdown. */
export function cardPage({ title, use, limits, figures, record }: WeightsCard): string {
  const { id, file, alignment, initial, trainings, data, share, stored } = record
  const classes = data.flatMap((set) => set.classes.map((entry) => ({ ...entry, set: set.name })))
  return [
    `# ${id}: ${title}`,
    use,
    table(
      ['', ''],
      [
        ['file', `\`${file.name}\`, ${file.byteLength.toLocaleString('en')} bytes`],
        ['SHA-256', `\`${file.sha256}\``],
        ['id of its extractor', `\`${file.extractor}\``],
        ['network', `${record.architecture}, features of ${record.layers.join(', ')}`],
        ['alignment', `\`${alignment.name}\`, SHA-256 \`${alignment.sha256}\``],
        ['licence', record.licence],
      ],
    ),
    '## Figures',
    ...(figures.length > 0 ? figures.flatMap(figureTable) : ['None yet.']),
    '## Limits',
    limits.map((limit) => `- ${limit}`).join('\n'),
    '## Data',
    table(
      ['data set', 'licence', 'source', 'images'],
      data.map(({ name, licence, source, classes: own }) => [
        name,
        licence,
        source,
        String(own.reduce((sum, { images }) => sum + images, 0)),
      ]),
    ),
    table(
      ['class', 'of', 'images', 'SHA-256 of names and contents'],
      classes.map(({ name, set, images, digest }) => [name, set, String(images), `\`${digest}\``]),
    ),
    '## How it was made',
    `1. Initial weights: ${initial.name} (${initial.licence}), ${initial.source}; SHA-256 \`${initial.sha256}\`.`,
    ...trainings.map(({ command, sha256, card }, index) =>
      [
        `${index + 2}. Trained from them by \`${command}\`; SHA-256 of the result \`${sha256}\`. Its card:`,
        `\`\`\`json\n${JSON.stringify(card, null, 2)}\n\`\`\``,
      ].join('\n\n'),
    ),
    `Then the weights between both were taken, ${shareText(share)} of the training${trainings.length > 1 ? 's (their mean)' : ''}; BatchNorms were folded ` +
      `into the filters, and the weights rounded to ${stored.dtype}, which changes none by more than ${stored.largestError} of the largest in its tensor.`,
    'From the same files `npm run weights -- --initial FILE --training FOLDER` makes the same bytes again.',
  ]
    .join('\n\n')
    .concat('\n')
}

function shareText(share: WeightsRecord['share']): string {
  if (typeof share === 'number') return String(share)
  return Object.entries(share)
    .map(([part, value]) => `${value} of ${part}`)
    .join(', ')
}

function figureTable({ title, columns, rows }: FigureTable): string[] {
  return [title, table(columns, rows)]
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}
