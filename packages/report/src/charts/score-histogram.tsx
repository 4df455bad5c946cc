import { bin, extent, type Bin } from 'd3-array'
import { scaleLinear, type ScaleLinear } from 'd3-scale'
import type { VNode } from 'preact'
import type { DecisionThreshold } from '@tab/pipeline/results'
import type { ReportRun } from '../report-data.ts'
import { PLOT_HEIGHT, plotWidth, ticksOf } from './axis-layout.ts'
import { ChartFrame, round, X_TICKS } from './chart-frame.tsx'

const BINS = 30

type Scale = ScaleLinear<number, number>

/** How many good and how many defective images have which score, with the threshold where there is one. */
export function ScoreHistogram({ title, scores, threshold }: Pick<ReportRun, 'title' | 'scores' | 'threshold'>): VNode {
  const all = [...scores.good, ...scores.defective, ...(threshold ? [threshold.value] : [])]
  const x = scaleLinear()
    .domain(extent(all) as [number, number])
    .nice(BINS)
  const binned = bin<number, number>()
    .domain(x.domain() as [number, number])
    .thresholds(x.ticks(BINS).filter((edge) => edge < (x.domain()[1] as number))) // the last bin has a width too
  const good = binned([...scores.good])
  const defective = binned([...scores.defective])
  const most = Math.max(...good.map(({ length }) => length), ...defective.map(({ length }) => length))
  const yTicks = Math.min(5, most) // whole images
  const y = scaleLinear().domain([0, most]).nice(yTicks).range(PLOT_HEIGHT)
  x.range(plotWidth(ticksOf(x, X_TICKS), ticksOf(y, yTicks)))
  const edge = x.tickFormat(BINS)
  const rows = good.flatMap(({ x0 = 0, x1 = 0, length }, index) => {
    const defects = defective[index]?.length ?? 0
    return length + defects === 0 ? [] : [[`${edge(x0)} to ${edge(x1)}`, String(length), String(defects)]]
  })
  return (
    <ChartFrame
      title={`Image scores, ${title}`}
      xLabel="image score"
      yLabel="test images"
      {...{ x, y, yTicks }}
      legend={[
        { name: `good (${scores.good.length})`, kind: 'bar-good' },
        { name: `defective (${scores.defective.length})`, kind: 'bar-defective' },
      ]}
      values={{ columns: ['image score', 'good', 'defective'], rows }}
      note={threshold && describeThreshold(threshold, scores)}
    >
      <path class="bar-good" d={bars(good, 0, x, y)} />
      <path class="bar-defective" d={bars(defective, 1, x, y)} />
      {threshold && (
        <line
          class="threshold"
          x1={x(threshold.value)}
          x2={x(threshold.value)}
          y1={PLOT_HEIGHT[0]}
          y2={PLOT_HEIGHT[1]}
        />
      )}
    </ChartFrame>
  )
}

/** The bars of one kind of image: the left (0) or the right (1) halves of the bins, so that none hides another. */
function bars(bins: readonly Bin<number, number>[], half: 0 | 1, x: Scale, y: Scale): string {
  const drawn = bins.map(({ x0 = 0, x1 = 0, length }) => {
    const width = (x(x1) - x(x0)) / 2 - 0.5
    const left = x(x0) + half * width + 0.5
    return length === 0
      ? ''
      : `M${round(left)},${PLOT_HEIGHT[0]}V${round(y(length))}h${round(width)}V${PLOT_HEIGHT[0]}Z`
  })
  return drawn.join('')
}

/** What the threshold promises and what the test images show; it was not chosen on them. */
function describeThreshold(
  { value, falsePositiveRate, sampleSize }: DecisionThreshold,
  { good, defective }: ReportRun['scores'],
): string {
  const above = (scores: readonly number[]): number => scores.filter((score) => score > value).length
  const share = (part: number): string => `${Number((100 * part).toPrecision(2))} %`
  const expected = Number((falsePositiveRate * good.length).toPrecision(2))
  return (
    `Dashed line: threshold ${value.toPrecision(4)}, chosen on ${sampleSize} good images that were not used in the fit, for ` +
    `${share(falsePositiveRate)} false alarms: ${expected} of these ${good.length} good images expected above it, ` +
    `${above(good)} found; of the ${defective.length} defective ones ${above(defective)} are above it.`
  )
}
