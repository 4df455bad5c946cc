import type { VNode } from 'preact'
import { LineChart, type LineSeries, type Point } from '../charts/line-chart.tsx'
import { DataTable } from '../data-table.tsx'
import { HtmlDocument, htmlText } from '../html-document.tsx'
import { grouped, TABLE_METRICS, type SummaryRow, type TableMetric } from '@tab/pipeline/results'
import { shotsText, type TextTable } from './tables.ts'

/** What the page shows. */
export interface BenchmarkSummary {
  readonly rows: readonly SummaryRow[]
  /** As in `table.md`. */
  readonly metrics: readonly TextTable[]
  readonly comparison: TextTable | undefined
  readonly cost: TextTable
  /** Such as `tab 0.1.0`. */
  readonly madeBy: string
}

/** A benchmark as one HTML document that loads nothing: curves over the number of normal images, and all tables. */
export function benchmarkPage(summary: BenchmarkSummary): string {
  return htmlText(<BenchmarkPage {...summary} />)
}

function BenchmarkPage({ rows, metrics, comparison, cost, madeBy }: BenchmarkSummary): VNode {
  const datasets = grouped(
    rows.filter(({ category }) => category === ''),
    ({ dataset }) => [dataset],
  )
  const title = `Benchmark: ${datasets.map((group) => group[0]?.dataset).join(', ')}`
  return (
    <HtmlDocument title={title}>
      <main>
        <h1>{title}</h1>
        {datasets.map((group) => (
          <DatasetCurves key={group[0]?.dataset} rows={group} />
        ))}
        <h2>Figures</h2>
        <p class="hint">A column for each number of normal images in the fit.</p>
        {metrics.map((table) => (
          <TextTableView key={table.caption} table={table} headings={2} />
        ))}
        {comparison && (
          <>
            <h2>Are the differences real?</h2>
            <TextTableView table={comparison} headings={comparison.head.indexOf('difference')} />
          </>
        )}
        <h2>Cost</h2>
        <TextTableView table={cost} headings={cost.head.indexOf('normals')} />
      </main>
      <footer>{`Made by ${madeBy}`}</footer>
    </HtmlDocument>
  )
}

/** A chart a metric: a line for each detector and backbone, over the numbers of normals. */
function DatasetCurves({ rows }: { rows: readonly SummaryRow[] }): VNode {
  const shots = [...new Set(rows.map((row) => row.shots))]
  const xNames = shots.map(shotsText)
  const lines = grouped(rows, ({ detector, backbone }) => [detector, backbone])
  const seriesOf = (metric: TableMetric): LineSeries[] =>
    lines.map((cells) => ({
      name: `${cells[0]?.detector}, ${cells[0]?.backbone}`,
      points: shots.flatMap((count, x): Point[] => {
        const mean = cells.find((row) => row.shots === count)?.metrics[metric]?.mean
        return mean === undefined ? [] : [[x, mean]]
      }),
    }))
  const metrics = TABLE_METRICS.filter(([metric]) => rows.some((row) => row.metrics[metric] !== undefined))
  if (shots.length < 2 || metrics.length === 0) return <></> // one number of normals draws no line: the tables say it
  return (
    <section>
      <h2>{rows[0]?.dataset}</h2>
      <div class="charts">
        {metrics.map(([metric, title]) => (
          <LineChart
            key={metric}
            title={title}
            xLabel="normal images"
            yLabel="mean over the seeds"
            xNames={xNames}
            xDomain={[0, shots.length - 1]}
            series={seriesOf(metric)}
          />
        ))}
      </div>
    </section>
  )
}

function TextTableView({ table, headings }: { table: TextTable; headings: number }): VNode {
  const { caption, head, rows, notes = [] } = table
  return (
    <>
      <DataTable
        label={caption}
        caption={caption}
        columns={head}
        headings={headings}
        rows={rows.map((cells) => ({ key: cells.join(), cells }))}
      />
      {notes.map((note) => (
        <p key={note} class="hint">
          {note}
        </p>
      ))}
    </>
  )
}
