import type { VNode } from 'preact'
import { metricRows } from './evaluation/metric-rows.ts'
import { notesOf, type RunDescription } from '@tab/pipeline/results'
import { QualityCurves } from './charts/quality-curves.tsx'
import { ScoreHistogram } from './charts/score-histogram.tsx'
import { Gallery } from './gallery/gallery.tsx'
import { MetricTableView } from './metric-table-view.tsx'
import type { ReportDataset, ReportRun } from './report-data.ts'

/** All about one data set: its runs compared, their curves and scores, and its test images. */
export function DatasetSection({ dataset, id }: { dataset: ReportDataset; id: string }): VNode {
  const { name, runs } = dataset
  return (
    <section id={id} class="dataset" aria-labelledby={`${id}-name`}>
      <h2 id={`${id}-name`}>{name}</h2>
      {runs.length === 1 ? (
        runs.map((run) => <RunDetails key={run.title} run={run} />)
      ) : (
        <>
          <MetricTableView
            caption={`Runs on ${name}`}
            heading="run"
            rows={runs.map(({ title, results }) => [title, results.overall] as const)}
          />
          {runs.map((run) => (
            <details key={run.title} class="run">
              <summary>{run.title}: by defect type, and how it was made</summary>
              <RunDetails run={run} />
            </details>
          ))}
        </>
      )}
      <h3>
        Curves <span class="unseen">of {name}</span>
      </h3>
      <QualityCurves runs={runs} />
      <h3>
        Scores <span class="unseen">of {name}</span>
      </h3>
      <div class="charts">
        {runs.map(({ title, scores, threshold }) => (
          <ScoreHistogram key={title} {...{ title, scores, threshold }} />
        ))}
      </div>
      <Gallery dataset={dataset} id={`${id}-photo`} />
    </section>
  )
}

function RunDetails({ run: { title, results } }: { run: ReportRun }): VNode {
  const notes = notesOf(results)
  return (
    <div class="summary">
      <MetricTableView caption={`${title}, by defect type`} heading="defect type" rows={metricRows(results)} />
      <dl>
        {factsOf(results.run).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {notes.length > 0 && (
        <ul class="notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  )
}

function factsOf(run: RunDescription): [name: string, value: string][] {
  return [
    ['backbone', run.backbone],
    ['detector', run.detector],
    ...Object.entries(run.options).map(([name, value]): [string, string] => [name, [value].flat().join(', ')]),
    ['good training images', String(run.normals)],
    ['metrics at', `${run.resolution[0]} × ${run.resolution[1]} px`],
    ['pixel metrics', run.pixelMetrics.method],
    ['fit', `${run.fitSeconds.toFixed(1)} s`],
    ...(run.skipped.length > 0 ? [['skipped as unreadable', run.skipped.join(', ')] as [string, string]] : []),
  ]
}
