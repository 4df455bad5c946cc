import type { VNode } from 'preact'
import { PRO_LIMIT, type EvaluationCurves } from '../evaluation/curves.ts'
import type { CurvePoint } from '../evaluation/thin-curve.ts'
import type { ReportRun } from '../report-data.ts'
import { LineChart, type LineChartProps } from './line-chart.tsx'

interface Curve extends Pick<LineChartProps, 'title' | 'xLabel' | 'yLabel' | 'reference'> {
  readonly of: keyof EvaluationCurves
  /** Name and value of the area under the curve, beside the run in the legend. */
  readonly area: (run: ReportRun) => readonly [name: string, value: number | null]
  readonly xLimit: number
}

const CURVES: readonly Curve[] = [
  {
    of: 'roc',
    title: 'ROC, images',
    xLabel: 'false positive rate',
    yLabel: 'true positive rate',
    area: ({ results }) => ['AUROC', results.overall.imageAuroc],
    xLimit: 1,
    reference: [
      [0, 0],
      [1, 1],
    ],
  },
  {
    of: 'precisionRecall',
    title: 'Precision and recall, images',
    xLabel: 'recall',
    yLabel: 'precision',
    area: ({ results }) => ['AP', results.metrics.overall.image.averagePrecision],
    xLimit: 1,
  },
  {
    of: 'pro',
    title: 'PRO, pixels',
    xLabel: 'false positive rate',
    yLabel: 'per-region overlap',
    area: ({ results }) => ['AUPRO', results.overall.aupro],
    xLimit: PRO_LIMIT,
  },
]

/** ROC, precision-recall and PRO of the runs of one data set, overlaid. */
export function QualityCurves({ runs }: { runs: readonly ReportRun[] }): VNode {
  return (
    <div class="charts">
      {CURVES.map(({ of, title, xLabel, yLabel, area, xLimit, reference }) => {
        const series = runs.map((run) => {
          const [name, value] = area(run)
          return { name: `${run.title}: ${name} ${value?.toFixed(4) ?? '–'}`, points: run.curves[of] ?? [] }
        })
        if (series.every(({ points }) => points.length === 0)) return <Undefined key={of} title={title} />
        return (
          <LineChart
            key={of}
            {...{ title, xLabel, yLabel, series, xDomain: [0, xLimit], yDomain: [0, 1] }}
            {...(reference ? { reference: reference as readonly CurvePoint[] } : {})}
          />
        )
      })}
    </div>
  )
}

function Undefined({ title }: { title: string }): VNode {
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <p class="hint">Not defined: it needs good and defective test images, and that of pixels needs masks.</p>
    </figure>
  )
}
