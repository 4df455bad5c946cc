import type { VNode } from 'preact'
import { METRIC_COLUMNS, metricCells } from './evaluation/metric-rows.ts'
import type { MetricRow } from '@tab/pipeline/results'
import { DataTable } from './data-table.tsx'

export interface MetricTableViewProps {
  readonly caption: string
  /** Heading of the first column. */
  readonly heading: string
  readonly rows: readonly (readonly [name: string, row: MetricRow])[]
  /** Where a row's name leads. */
  readonly href?: (index: number) => string
}

/** Metrics as a table, a row a group of images. */
export function MetricTableView({ caption, heading, rows, href }: MetricTableViewProps): VNode {
  return (
    <DataTable
      label={caption}
      caption={caption}
      columns={[heading, ...METRIC_COLUMNS]}
      rows={rows.map(([name, row], index) => ({
        key: name,
        cells: [href ? <a href={href(index)}>{name}</a> : name, ...metricCells(row)],
        ...(name === 'all' ? { class: 'overall' } : {}),
      }))}
    />
  )
}
