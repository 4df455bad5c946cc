import { checkNumber, TabError } from '@tab/core'
import { turbo, type Colormap } from './colormap.ts'

/** How map values become colours: by a `range`, a `threshold`, or both. */
export interface HeatmapScale {
  /** Map values of the first and the last colour; values beyond take these colours. Default: 0 to twice the threshold. */
  readonly range?: readonly [low: number, high: number]
  /**
   * The pixel threshold. Without a `range` it has the middle colour. Where low values are left clear, values above it are
   * covered in full, and those less than half of the way from the low end to it are clear.
   */
  readonly threshold?: number
  /** Default {@link turbo}. */
  readonly colormap?: Colormap
}

/** Colour and opacity of map values. */
export interface HeatmapColors {
  /** Red, green and blue, 0 to 255. */
  colorOf(value: number): readonly [number, number, number]
  /** From 0 at the low end to 1. */
  opacityOf(value: number): number
}

const LEVELS = 256
const COVERED = 0.4 // share of the range from which on colours cover, where there is no threshold

/** @throws INVALID_ARGUMENT for an empty range, or neither range nor threshold */
export function heatmapColors(where: string, { range, threshold, colormap = turbo }: HeatmapScale): HeatmapColors {
  const [low, high] = range ?? [0, 2 * thresholdAlone(where, threshold)]
  checkNumber(where, 'range[0]', low)
  checkNumber(where, 'range[1]', high, { above: low })
  if (threshold !== undefined) checkNumber(where, 'threshold', threshold)
  const colors = Array.from({ length: LEVELS }, (_, index) => colormap(index / (LEVELS - 1)))
  const [clear, full] =
    threshold !== undefined && threshold > low
      ? [(low + threshold) / 2, threshold]
      : [low, low + COVERED * (high - low)]
  return {
    colorOf: (value) =>
      colors[Math.round(within(low, value, high) * (LEVELS - 1))] as readonly [number, number, number],
    opacityOf: (value) => within(clear, value, full),
  }
}

/** How far a value has come from one bound to the other, 0 to 1. */
function within(low: number, value: number, high: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)))
}

function thresholdAlone(where: string, threshold: number | undefined): number {
  if (threshold !== undefined) return checkNumber(where, 'threshold without a range', threshold, { above: 0 })
  throw new TabError('INVALID_ARGUMENT', { where, expected: 'range or threshold', actual: 'neither' })
}
