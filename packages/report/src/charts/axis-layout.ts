import type { ScaleLinear } from 'd3-scale'

/** Size of a chart's drawing and of its margins, in the units of its view box. */
export const CHART = { width: 380, height: 292, top: 30, bottom: 48, narrowest: 34 } as const

/** Where the data lie upwards, `[from, to]`, as a range for a scale. */
export const PLOT_HEIGHT: readonly [number, number] = [CHART.height - CHART.bottom, CHART.top]

const DIGIT = 7 // width of one in the tick labels, at the most
const TICK_GAP = 7

/** A place on an axis and what stands there. */
export interface Tick {
  readonly at: number
  readonly text: string
}

/** The ticks of a scale as text; `names` stand at 0, 1, 2, ... in place of numbers. */
export function ticksOf(scale: ScaleLinear<number, number>, count: number, names?: readonly string[]): Tick[] {
  if (names) return names.map((text, at) => ({ at, text }))
  const format = scale.tickFormat(count)
  return scale.ticks(count).map((at) => ({ at, text: format(at) }))
}

/**
 * Where the data lie across, `[from, to]`, as a range for a scale: what the labels of the ticks leave.
 * @param xTicks at the ends of the axis, half of a label stands beyond it
 */
export function plotWidth(xTicks: readonly Tick[], yTicks: readonly Tick[]): [number, number] {
  const widest = Math.max(0, ...yTicks.map(({ text }) => textWidth(text)))
  const [first, last] = [xTicks[0], xTicks.at(-1)].map((tick) => textWidth(tick?.text ?? '') / 2)
  const left = Math.max(CHART.narrowest, widest + TICK_GAP + 2, first ?? 0)
  return [Math.ceil(left), CHART.width - Math.ceil(Math.max(10, (last ?? 0) + 2))]
}

/** Every tick, every second, ... so that no label touches the next. */
export function roomyTicks(ticks: readonly Tick[], scale: ScaleLinear<number, number>): Tick[] {
  const places = ticks.map(({ at }) => scale(at))
  const fits = (step: number): boolean =>
    ticks.every((tick, index) => {
      const next = ticks[index + step]
      if (index % step !== 0 || !next) return true
      const gap = (places[index + step] as number) - (places[index] as number)
      return gap >= (textWidth(tick.text) + textWidth(next.text)) / 2 + TICK_GAP
    })
  let step = 1
  while (step < ticks.length && !fits(step)) step++
  return ticks.filter((_, index) => index % step === 0)
}

function textWidth(text: string): number {
  return text.length * DIGIT
}
