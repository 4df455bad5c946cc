import type { ScaleLinear } from 'd3-scale'
import type { ComponentChildren, VNode } from 'preact'
import { useId } from 'preact/hooks'
import { DataTable } from '../data-table.tsx'
import { CHART, roomyTicks, ticksOf } from './axis-layout.ts'

/** An entry of the legend; `kind` is the class that gives its lines or bars their look. */
export interface LegendEntry {
  readonly name: string
  readonly kind: string
}

/** The numbers of a chart as text, a row an array of cells, the first of which heads it. */
export interface ChartValues {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export interface ChartFrameProps {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  /** From {@link plotWidth} to the plot's width. */
  readonly x: ScaleLinear<number, number>
  /** To {@link PLOT_HEIGHT}. */
  readonly y: ScaleLinear<number, number>
  /** What stands at 0, 1, 2, ... across, in place of numbers. */
  readonly xNames?: readonly string[] | undefined
  /** About how many lines upwards and across there are. Default 6 and 5. */
  readonly xTicks?: number
  readonly yTicks?: number
  readonly legend: readonly LegendEntry[]
  /** What cannot be seen from the drawing by those who do not see it. */
  readonly values: ChartValues
  /** A sentence below the drawing. */
  readonly note?: string | undefined
  readonly children: ComponentChildren
}

/** About how many ticks an axis has, across and upwards. */
export const X_TICKS = 6
export const Y_TICKS = 5

/** A chart as a figure: title, axes, legend, and the same numbers as a table that unfolds. */
export function ChartFrame(props: ChartFrameProps): VNode {
  const { title, legend, values, note, children } = props
  const id = useId()
  return (
    <figure class="chart">
      <figcaption id={id}>{title}</figcaption>
      <svg viewBox={`0 0 ${CHART.width} ${CHART.height}`} role="img" aria-labelledby={id}>
        <Axes {...props} />
        {children}
      </svg>
      {legend.length > 0 && <Legend entries={legend} />}
      {note && <p class="hint">{note}</p>}
      <details>
        <summary>
          Values <span class="unseen">of {title}</span>
        </summary>
        <DataTable
          label={`Values of ${title}`}
          columns={values.columns}
          rows={values.rows.map((cells) => ({ key: cells[0] as string, cells }))}
        />
      </details>
    </figure>
  )
}

function Axes({
  x,
  y,
  xLabel,
  yLabel,
  xNames,
  xTicks: xCount = X_TICKS,
  yTicks: yCount = Y_TICKS,
}: ChartFrameProps): VNode {
  const [left, right] = x.range() as [number, number]
  const [bottom, top] = y.range() as [number, number]
  return (
    <g class="axes" aria-hidden="true">
      {ticksOf(y, yCount).map(({ at, text }) => (
        <g key={at} transform={`translate(0 ${round(y(at))})`}>
          <line x1={left} x2={right} />
          <text x={left - 7} dy="0.35em" text-anchor="end">
            {text}
          </text>
        </g>
      ))}
      {roomyTicks(ticksOf(x, xCount, xNames), x).map(({ at, text }) => (
        <g key={at} transform={`translate(${round(x(at))} 0)`}>
          <line y1={top} y2={bottom} />
          <text y={bottom + 19} text-anchor="middle">
            {text}
          </text>
        </g>
      ))}
      <text class="axis-label" x={(left + right) / 2} y={CHART.height - 8} text-anchor="middle">
        {xLabel}
      </text>
      <text class="axis-label" x="1" y="12">
        {yLabel}
      </text>
    </g>
  )
}

function Legend({ entries }: { entries: readonly LegendEntry[] }): VNode {
  return (
    <ul class="legend">
      {entries.map(({ name, kind }) => (
        <li key={name}>
          <svg viewBox="0 0 26 10" aria-hidden="true">
            {kind.startsWith('bar') ? (
              <rect x="1" y="1" width="24" height="8" class={kind} />
            ) : (
              <line x1="1" x2="25" y1="5" y2="5" class={kind} />
            )}
          </svg>
          {name}
        </li>
      ))}
    </ul>
  )
}

const STYLES_OF_SERIES = 8

/** The class that gives the series at an index its colour and dashes. */
export function seriesClass(index: number): string {
  return `series series-${index % STYLES_OF_SERIES}`
}

/** A coordinate with as many digits as can be seen. */
export function round(coordinate: number): number {
  return Math.round(coordinate * 10) / 10
}
