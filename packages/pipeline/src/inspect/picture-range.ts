import { TabError, type JsonValue } from '@tab/core'
import type { PictureStatistics } from './picture-statistics.ts'

type Range = readonly [lowest: number, highest: number]

/** What the pictures of the good parts were like, as a detector file keeps it. */
export interface PictureRange {
  /** Pictures that were measured. */
  readonly images: number
  readonly focus: Range
  readonly exposure: Range
  /** `[height, width]` of the first one as it was passed in. */
  readonly size: readonly [number, number]
}

/** Why a picture cannot be judged: it is unlike those that the detector knows, whatever the part is like. */
export interface OutsideRange {
  readonly outside: 'focus' | 'exposure' | 'size'
  readonly reason: string
}

/**
 * How far outside of what was seen a picture may be: as far again as those seen are from each other, and at least so far. Without a margin the next of n good
 * pictures would be outside with a probability of 2 / (n + 1).
 */
const LEAST_FOCUS_FACTOR = 2
const LEAST_EXPOSURE_MARGIN = 0.1
const SIZE_FACTOR = 2
const ASPECT_FACTOR = 1.1
const ROUNDING = 1e-6 // of pictures without any texture

/** The range of measured pictures. @param size of the first one */
export function rangeOf(measured: readonly PictureStatistics[], size: PictureRange['size']): PictureRange {
  const between = (values: readonly number[]): Range => [Math.min(...values), Math.max(...values)]
  return {
    images: measured.length,
    focus: between(measured.map(({ focus }) => focus)),
    exposure: between(measured.map(({ exposure }) => exposure)),
    size,
  }
}

/** The range of more pictures. */
export function widened(
  { images, focus, exposure, size }: PictureRange,
  more: readonly PictureStatistics[],
): PictureRange {
  const corners = [0, 1].map((end) => ({ focus: focus[end] as number, exposure: exposure[end] as number }))
  return { ...rangeOf([...corners, ...more], size), images: images + more.length }
}

/** @returns undefined for a picture like those of the good parts */
export function outsideRange(
  range: PictureRange,
  { focus, exposure }: PictureStatistics,
  [height, width]: readonly [number, number],
): OutsideRange | undefined {
  const [usualHeight, usualWidth] = range.size
  const scales = [height / usualHeight, width / usualWidth]
  const stretch = Math.max(...scales) / Math.min(...scales)
  if (Math.max(...scales.map(apart)) > SIZE_FACTOR || stretch > ASPECT_FACTOR) {
    const reason = `another size: ${height} x ${width} px, good images have ${usualHeight} x ${usualWidth}`
    return { outside: 'size', reason }
  }
  const [darkest, brightest] = range.exposure
  const margin = Math.max(LEAST_EXPOSURE_MARGIN, brightest - darkest)
  if (exposure < darkest - margin || exposure > brightest + margin) {
    const what = exposure < darkest ? 'too dark' : 'too bright'
    const reason = `${what}: mean luminance ${short(exposure)}, good images have ${short(darkest)} to ${short(brightest)}`
    return { outside: 'exposure', reason }
  }
  const [softest, sharpest] = range.focus
  const factor = Math.max(LEAST_FOCUS_FACTOR, sharpest / Math.max(softest, ROUNDING))
  // Sharper ones are judged: the edges of a defect make them so.
  if (focus < softest / factor) {
    const reason = `out of focus: variance of the Laplacian ${short(focus)}, good images have ${short(softest)} to ${short(sharpest)}`
    return { outside: 'focus', reason }
  }
  return undefined
}

/**
 * The range that a detector file notes; undefined for a file of an earlier version.
 * @throws INVALID_DATA for one that is damaged
 */
export function notedRange(where: string, { pictures }: Readonly<Record<string, JsonValue>>): PictureRange | undefined {
  if (pictures === undefined) return undefined
  const { images, focus, exposure, size } = (pictures ?? {}) as Partial<PictureRange>
  const isPair = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && value.every(Number.isFinite)
  if (Number.isSafeInteger(images) && [focus, exposure, size].every(isPair) && size?.every((side) => side > 0)) {
    return pictures as unknown as PictureRange
  }
  const expected = 'the range of good pictures: images, focus, exposure and size'
  throw new TabError('INVALID_DATA', { where, expected, actual: JSON.stringify(pictures).slice(0, 200) })
}

/** The note in a detector file, which holds JSON. */
export function rangeNote({ images, focus, exposure, size }: PictureRange): { readonly pictures: JsonValue } {
  return { pictures: { images, focus: [...focus], exposure: [...exposure], size: [...size] } }
}

/** How many times as large, or as small. */
function apart(scale: number): number {
  return Math.max(scale, 1 / scale)
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toString()
}
