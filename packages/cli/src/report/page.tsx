import type { VNode } from 'preact'
import { metricRows } from '../evaluation/metric-rows.ts'
import { Gallery } from './gallery.tsx'
import { MetricTableView } from './metric-table-view.tsx'
import type { ReportPage, ReportRun } from './report-data.ts'
import { STYLE } from './style.ts'

/** The report as one HTML document that needs nothing else. */
export function Page({ title, note, runs, colophon }: ReportPage): VNode {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>
          <h1>{title}</h1>
          {note && <p class="note">{note}</p>}
          {runs.length > 1 && <Overview runs={runs} />}
          <p class="control">
            <label for="heat">Heatmap opacity</label>
            <input id="heat" type="range" min="0" max="1" step="0.05" value="0.75" />
          </p>
          {runs.map((run, index) => (
            <RunSection key={run.title} run={run} id={`run-${index}`} />
          ))}
          <footer>{colophon}</footer>
        </main>
        <script
          dangerouslySetInnerHTML={{
            __html:
              "document.getElementById('heat').addEventListener('input',e=>document.documentElement.style.setProperty('--heat',e.target.value))",
          }}
        />
      </body>
    </html>
  )
}

function Overview({ runs }: { runs: readonly ReportRun[] }): VNode {
  return (
    <nav aria-label="Runs">
      <MetricTableView
        caption="All runs"
        heading="run"
        rows={runs.map(({ title, results }) => [title, results.overall] as const)}
        href={(index) => `#run-${index}`}
      />
    </nav>
  )
}

function RunSection({ run, id }: { run: ReportRun; id: string }): VNode {
  const { title, results, missed, falseAlarms, found } = run
  const { run: how } = results
  const facts: [string, string][] = [
    ['backbone', how.backbone],
    ['detector', how.detector],
    ...Object.entries(how.options).map(([name, value]): [string, string] => [name, [value].flat().join(', ')]),
    ['good training images', String(how.normals)],
    ['metrics at', `${how.resolution[0]} × ${how.resolution[1]} px`],
    ['fit', `${how.fitSeconds.toFixed(1)} s`],
    ...(how.skipped.length > 0 ? [['skipped as unreadable', how.skipped.join(', ')] as [string, string]] : []),
  ]
  return (
    <section id={id} class="run">
      <h2>{title}</h2>
      <div class="summary">
        <MetricTableView
          caption={`Metrics by defect type, ${how.dataset}`}
          heading="defect type"
          rows={metricRows(results)}
        />
        <dl>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <Gallery
        title="Defects scored lowest"
        hint="The first to be missed. Photograph, ground truth, anomaly map."
        cases={missed}
      />
      <Gallery title="Good parts scored highest" hint="The first false alarms." cases={falseAlarms} />
      <Gallery title="Defects scored highest" hint="The clearest finds." cases={found} />
    </section>
  )
}
