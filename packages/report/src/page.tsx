import type { VNode } from 'preact'
import { DatasetSection } from './dataset-section.tsx'
import { GALLERY_SCRIPT } from './gallery/gallery-script.ts'
import { Viewer } from './gallery/viewer.tsx'
import { HtmlDocument } from './html-document.tsx'
import { MetricTableView } from './metric-table-view.tsx'
import type { ReportDataset, ReportPage } from './report-data.ts'

/** The report as one HTML document that needs nothing else. */
export function Page({ title, note, datasets, colophon }: ReportPage): VNode {
  return (
    <HtmlDocument title={title}>
      <main>
        <h1>{title}</h1>
        {note && <p class="note">{note}</p>}
        {datasets.length > 1 && <Overview datasets={datasets} />}
        {datasets.map((dataset, index) => (
          <DatasetSection key={dataset.name} dataset={dataset} id={`data-${index}`} />
        ))}
      </main>
      <footer>{colophon}</footer>
      <Viewer />
      <script dangerouslySetInnerHTML={{ __html: GALLERY_SCRIPT }} />
    </HtmlDocument>
  )
}

function Overview({ datasets }: { datasets: readonly ReportDataset[] }): VNode {
  const rows = datasets.flatMap(({ name, runs }, index) =>
    runs.map(({ title, results }) => ({ name: `${name}, ${title}`, row: results.overall, href: `#data-${index}` })),
  )
  return (
    <nav aria-label="Data sets">
      <MetricTableView
        caption="All runs"
        heading="data set, run"
        rows={rows.map(({ name, row }) => [name, row] as const)}
        href={(index) => rows[index]?.href ?? '#'}
      />
    </nav>
  )
}
