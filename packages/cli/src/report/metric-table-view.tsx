import type { VNode } from 'preact'
import { METRIC_COLUMNS, metricCells } from '../evaluation/metric-rows.ts'
import type { MetricRow } from '../evaluation/results.ts'

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
    <div class="scroll" tabIndex={0} role="group" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{heading}</th>
            {METRIC_COLUMNS.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, row], index) => (
            <tr key={name} class={name === 'all' ? 'overall' : undefined}>
              <th scope="row">{href ? <a href={href(index)}>{name}</a> : name}</th>
              {metricCells(row).map((cell, column) => (
                <td key={METRIC_COLUMNS[column]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
