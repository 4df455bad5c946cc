import { bisector, extent } from 'd3-array'
import { scaleLinear, type ScaleLinear } from 'd3-scale'
import type { VNode } from 'preact'
import simplify from 'simplify-js'
import { PLOT_HEIGHT, plotWidth, ticksOf } from './axis-layout.ts'
import { ChartFrame, round, seriesClass, X_TICKS, Y_TICKS, type ChartValues } from './chart-frame.tsx'

/** A point `[x, y]`. */
export type Point = readonly [x: number, y: number]

/** One line of a chart. */
export interface LineSeries {
  readonly name: string
  /** In ascending order of x. */
  readonly points: readonly Point[]
}

export interface LineChartProps {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  /** Drawn over each other, told apart by colour and dashes; the legend names them when there are several. */
  readonly series: readonly LineSeries[]
  /** What stands at 0, 1, 2, ... across, in place of numbers. */
  readonly xNames?: readonly string[]
  /** `[from, to]` of the axis. Default: the range of the data, out to round numbers. */
  readonly xDomain?: readonly [number, number]
  readonly yDomain?: readonly [number, number]
  /** A line to compare with, such as that of chance; drawn faintly and not in the legend. */
  readonly reference?: readonly Point[]
  /** A sentence below the chart. */
  readonly note?: string | undefined
}

const UNSEEN = 0.15 // of the view box: a line that is moved by less looks the same

/** Lines over common axes, as SVG, with their values at the ticks as a table. Points outside the domains are cut off. */
export function LineChart(props: LineChartProps): VNode {
  const { title, xLabel, yLabel, xNames, series, reference, note } = props
  const x = axis(0, props.xDomain, series)
  const y = axis(1, props.yDomain, series).range(PLOT_HEIGHT)
  x.range(plotWidth(ticksOf(x, X_TICKS, xNames), ticksOf(y, Y_TICKS)))
  const legend = series.length > 1 ? series.map(({ name }, index) => ({ name, kind: seriesClass(index) })) : []
  const values = valuesAtTicks(xLabel, series, x, y, xNames)
  const [left, right] = x.range() as [number, number]
  const [bottom, top] = PLOT_HEIGHT
  return (
    <ChartFrame {...{ title, xLabel, yLabel, xNames, x, y, legend, note, values }}>
      <svg x={left} y={top - 1} width={right - left} height={bottom - top + 2} overflow="hidden">
        <g transform={`translate(${-left} ${1 - top})`}>
          {reference && <path class="reference" d={linePath(reference, x, y)} />}
          {series.map(({ name, points }, index) => (
            <path key={name} class={seriesClass(index)} d={linePath(points, x, y)} />
          ))}
        </g>
      </svg>
    </ChartFrame>
  )
}

function axis(
  coordinate: 0 | 1,
  domain: readonly [number, number] | undefined,
  series: readonly LineSeries[],
): ScaleLinear<number, number> {
  const scale = scaleLinear()
  if (domain) return scale.domain(domain)
  const [low, high] = extent(
    series.flatMap(({ points }) => points),
    (point) => point[coordinate],
  )
  return scale.domain(low === undefined ? [0, 1] : [low, high]).nice()
}

/** The line with the points left out that nobody would miss. */
function linePath(points: readonly Point[], x: ScaleLinear<number, number>, y: ScaleLinear<number, number>): string {
  const drawn = points.map((point) => ({ x: x(point[0]), y: y(point[1]) }))
  const kept = simplify(drawn, UNSEEN, true).map((point) => `${round(point.x)},${round(point.y)}`)
  return kept.length === 0 ? '' : `M${kept.join('L')}`
}

function valuesAtTicks(
  xLabel: string,
  series: readonly LineSeries[],
  x: ScaleLinear<number, number>,
  y: ScaleLinear<number, number>,
  xNames: readonly string[] | undefined,
): ChartValues {
  const [xText, yText] = [x.tickFormat(11), y.tickFormat(1000)]
  return {
    columns: [xLabel, ...series.map(({ name }) => name)],
    rows: (xNames ? [...xNames.keys()] : x.ticks(11)).map((tick) => [
      xNames?.[tick] ?? xText(tick),
      ...series.map(({ points }) => {
        const value = valueAt(points, tick)
        return value === undefined ? '–' : yText(value)
      }),
    ]),
  }
}

const byX = bisector((point: Point) => point[0])

/** The line at x, interpolated; the last point where several stand at x; undefined beyond its ends. */
function valueAt(points: readonly Point[], x: number): number | undefined {
  const next = byX.right(points, x)
  const [before, after] = [points[next - 1], points[next]]
  if (before === undefined) return undefined
  if (before[0] === x) return before[1]
  if (after === undefined) return undefined
  return before[1] + ((x - before[0]) / (after[0] - before[0])) * (after[1] - before[1])
}
