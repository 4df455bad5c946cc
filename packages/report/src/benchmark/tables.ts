import { stringify } from 'csv-stringify/sync'
import { markdownTable } from 'markdown-table'
import {
  grouped,
  isFailure,
  TABLE_METRICS,
  type CellRow,
  type Comparison,
  type PublishedFigure,
  type Shots,
  type Spread,
  type SummaryRow,
  type TableMetric,
} from '@tab/pipeline/results'
import { csvText, latexText, markdownText } from './escape.ts'

/** A table of text with a caption. */
export interface TextTable {
  readonly caption: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Stand below: why a cell is a dash, by its number, and what must be read with the figures. */
  readonly notes?: readonly string[]
}

/** A dash with the numbers of its reasons, which stand below its table. */
interface Footnotes {
  dash(reasons: readonly string[]): string
  readonly lines: readonly string[]
}

function footnotes(): Footnotes {
  const reasons: string[] = []
  return {
    dash(found) {
      const numbers = found.map((reason) => {
        if (!reasons.includes(reason)) reasons.push(reason)
        return reasons.indexOf(reason) + 1
      })
      return numbers.length === 0 ? '–' : `– [${numbers.join(', ')}]`
    },
    get lines() {
      return reasons.map((reason, index) => `[${index + 1}] ${reason}`)
    },
  }
}

/**
 * One table a data set (and one for each of its categories) and metric: a row for each detector and backbone, a column for each number of
 * normals; published figures after ours.
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { summarise, type CellRow } from '@tab/pipeline/results'
 * import { metricTables } from '@tab/report'
 *
 * const lines = (await readFile('results.jsonl', 'utf8')).trim().split('\n') // as `tab benchmark` writes it
 * const [table] = metricTables(summarise(lines.map((line): CellRow => JSON.parse(line))), [])
 * console.log(table?.head, table?.rows[0]) // [ 'detector', 'backbone', '1' ] [ 'PatchCore', 'ImageNet', '0.850 ± 0.071' ]
 * console.log(table?.rows[2], table?.notes) // [ 'PaDiM', 'ImageNet', '– [1]' ] [ '[1] padim.fit: at least two good images for a covariance, got 1' ]
 * ```
 */
export function metricTables(rows: readonly SummaryRow[], published: readonly PublishedFigure[]): TextTable[] {
  return grouped(rows, ({ dataset, category }) => [dataset, category]).flatMap((group) =>
    TABLE_METRICS.map(([metric, title]) => metricTable(group, metric, title, published)),
  )
}

function metricTable(
  group: readonly SummaryRow[],
  metric: TableMetric,
  title: string,
  published: readonly PublishedFigure[],
): TextTable {
  const [{ dataset, category, seeds }] = group as [SummaryRow]
  const shots = [...new Set(group.map((row) => row.shots))]
  const notes = footnotes()
  const cellOf = (row: SummaryRow | undefined): string => {
    const spread = row?.metrics[metric]
    if (spread) return spreadText(spread)
    return row ? notes.dash(row.failures.length > 0 ? row.failures : undefinedReasons(row, title)) : '' // not asked for
  }
  const ours = grouped(group, ({ detector, backbone }) => [detector, backbone]).map((cells) => [
    (cells[0] as SummaryRow).detector,
    (cells[0] as SummaryRow).backbone,
    ...shots.map((count) => cellOf(cells.find((row) => row.shots === count))),
  ])
  // A dash tells its own reasons; what is said of all figures alike stands once.
  const others = new Set(group.flatMap((row) => row.notes).filter((note) => !isReason(note)))
  const theirs = published
    .filter((figure) => category === '' && figure.dataset === dataset && figure[metric] !== undefined)
    .map((figure) => [
      figure.detector,
      `${figure.backbone} (${figure.source})`,
      ...shots.map((count) => (figure.shots === count ? (figure[metric] as number).toFixed(3) : '')),
    ])
  const place = category === '' ? dataset : `${dataset}, ${category}`
  return {
    caption: `${place}: ${title}${seeds > 1 ? `, mean ± standard deviation over ${seeds} seeds` : ''}`,
    head: ['detector', 'backbone', ...shots.map(shotsText)],
    rows: [...ours, ...theirs],
    notes: [...notes.lines, ...others],
  }
}

/** Whether a note says why a figure is a dash. */
function isReason(note: string): boolean {
  return /^(.*: )?– /.test(note)
}

function undefinedReasons({ notes }: SummaryRow, title: string): string[] {
  return notes.filter((note) => isReason(note) && note.includes(title)).map((note) => note.replace('– ', ''))
}

/**
 * Which backbone is better than the first, by how much, and whether the test images could have made it so.
 * @example
 * ```ts
 * import { comparisonTable } from '@tab/report'
 *
 * const names = { dataset: 'washers', detector: 'PatchCore', shots: 10, backbone: 'TAB', reference: 'ImageNet' }
 * const { rows } = comparisonTable([
 *   { ...names, difference: 0.0214, interval: [0.004, 0.039], pValue: 0.0162, better: 3, seeds: 3 },
 * ])
 * console.log(rows[0]?.slice(5)) // [ '+0.021', '+0.004 to +0.039', '0.016', '3/3' ]
 * ```
 */
export function comparisonTable(comparisons: readonly Comparison[]): TextTable {
  return {
    caption:
      'Image AUROC against the first backbone: difference, 95 % interval over test images, two-sided p-value, seeds in favour',
    head: ['data set', 'detector', 'normals', 'backbone', 'against', 'difference', '95 % interval', 'p', 'seeds'],
    rows: comparisons.map((entry) => [
      entry.dataset,
      entry.detector,
      shotsText(entry.shots),
      entry.backbone,
      entry.reference,
      signed(entry.difference),
      `${signed(entry.interval[0])} to ${signed(entry.interval[1])}`,
      entry.pValue < 0.001 ? '<0.001' : entry.pValue.toFixed(3),
      `${entry.better}/${entry.seeds}`,
    ]),
  }
}

/**
 * What each costs; its own table, as times differ from run to run.
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { summarise, type CellRow } from '@tab/pipeline/results'
 * import { costTable } from '@tab/report'
 *
 * const lines = (await readFile('results.jsonl', 'utf8')).trim().split('\n') // as `tab benchmark` writes it
 * const { head, rows } = costTable(summarise(lines.map((line): CellRow => JSON.parse(line))))
 * console.log(head.slice(4), rows[0]?.slice(4)) // [ 'fit s', 'ms per image', 'MB', 'bank' ] [ '2.0', '25.0', '1.50', '784' ]
 * ```
 */
export function costTable(rows: readonly SummaryRow[]): TextTable {
  const hasCategories = rows.some(({ category }) => category !== '')
  return {
    caption:
      'Cost on this machine: fit, prediction of one decoded image, size of the fitted detector, vectors in its bank',
    head: [
      'data set',
      ...(hasCategories ? ['category'] : []),
      ...['detector', 'backbone', 'normals', 'fit s', 'ms per image', 'MB', 'bank'],
    ],
    rows: rows.map(({ dataset, category, detector, backbone, shots, cost }) => [
      dataset,
      ...(hasCategories ? [category || 'all'] : []),
      detector,
      backbone,
      shotsText(shots),
      ...(cost
        ? [
            cost.fitSeconds.toFixed(1),
            cost.millisecondsPerImage.toFixed(1),
            cost.megabytes.toFixed(2),
            cost.bankSize === null ? '' : String(cost.bankSize),
          ]
        : ['–', '–', '–', '–']),
    ]),
  }
}

const CSV_COLUMNS = [
  ...['dataset', 'category', 'backbone', 'detector', 'shots', 'seed'],
  ...['imageAuroc', 'imageAveragePrecision', 'pixelAuroc', 'pixelAveragePrecision', 'aupro', 'aupro005'],
  ...['fitSeconds', 'millisecondsPerImage', 'megabytes', 'bankSize'],
  ...['weights', 'notes', 'error'],
]

/**
 * Every cell as a line of CSV, for other programs; one that could not be computed with its reason.
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import type { CellRow } from '@tab/pipeline/results'
 * import { cellsCsv } from '@tab/report'
 *
 * const lines = (await readFile('results.jsonl', 'utf8')).trim().split('\n') // as `tab benchmark` writes it
 * const csv = cellsCsv(lines.map((line): CellRow => JSON.parse(line)))
 * console.log(csv.split('\n')[1]) // washers,,ImageNet,PatchCore,1,0,0.8,0.8,0.9,0.5,0.8,0.6,2,25,1.5,784,/models/ImageNet.safetensors,,
 * ```
 */
export function cellsCsv(rows: readonly CellRow[]): string {
  return stringify(
    rows.map((row) => {
      const { name, weights } = row
      if (isFailure(row)) return { ...name, weights, error: row.error.message }
      return { ...name, ...row.metrics, ...row.cost, weights, notes: row.notes.join('; ') }
    }),
    { header: true, columns: CSV_COLUMNS, cast: { string: csvText } },
  )
}

/**
 * Tables as Markdown, each below its caption; what Markdown would read as markup is escaped.
 * @example
 * ```ts
 * import { markdownOf } from '@tab/report'
 *
 * const rows = [['PatchCore', 'ImageNet|v1', '0.97']]
 * const markdown = markdownOf([{ caption: 'Image AUROC', head: ['detector', 'backbone', '10'], rows }])
 * console.log(markdown.split('\n')[4]) // | PatchCore | ImageNet\|v1 | 0.97 |
 * ```
 */
export function markdownOf(tables: readonly TextTable[]): string {
  return tables
    .map(({ caption, head, rows, notes = [] }) => {
      const alignDelimiters = { align: head.map((_, column) => (column < 2 ? 'l' : 'r')) }
      const cells = [head, ...rows].map((row) => row.map(markdownText))
      const below = notes.map((note) => `\n${markdownText(note)}\n`).join('')
      return `**${markdownText(caption)}**\n\n${markdownTable(cells, alignDelimiters)}\n${below}`
    })
    .join('\n')
}

/**
 * Tables as LaTeX, for pdfLaTeX without packages.
 * @example
 * ```ts
 * import { latexOf } from '@tab/report'
 *
 * const rows = [['PatchCore', 'wide_resnet50', '97 %']]
 * const latex = latexOf([{ caption: 'Image AUROC', head: ['detector', 'backbone', '10'], rows }])
 * console.log(latex.split('\n').find((line) => line.includes('Patch'))) // PatchCore & wide\_resnet50 & 97 \% \\
 * ```
 */
export function latexOf(tables: readonly TextTable[]): string {
  return tables
    .map(({ caption, head, rows, notes = [] }) => {
      const line = (cells: readonly string[]): string => `    ${cells.map(latexText).join(' & ')} \\\\`
      const columns = head.map((_, column) => (column < 2 ? 'l' : 'r')).join('')
      return [
        '\\begin{table}',
        '  \\centering',
        `  \\caption{${latexText(caption)}}`,
        `  \\begin{tabular}{${columns}}`,
        '    \\hline',
        line(head),
        '    \\hline',
        ...rows.map(line),
        '    \\hline',
        '  \\end{tabular}',
        ...notes.map((note) => `  \\par\\footnotesize ${latexText(note)}`),
        '\\end{table}',
        '',
      ].join('\n')
    })
    .join('\n')
}

function spreadText({ mean, deviation }: Spread): string {
  return deviation === undefined ? mean.toFixed(4) : `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`
}

export function shotsText(shots: Shots): string {
  return shots === 'full' ? 'all' : String(shots)
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`
}
