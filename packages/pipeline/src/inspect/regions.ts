import type { Tensor } from '@tab/core'
import type { PreparedPlace } from '@tab/data'
import { connectedComponents } from '@tab/metrics'

/** A rectangle in whole pixels of an image: from `(x, y)`, its upper left, over `width` columns and `height` rows. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A connected region of an anomaly map above a threshold. */
export interface MapRegion {
  /** In pixels of the image that was passed in (upright, where EXIF turns it). */
  readonly box: Box
  /** Number of pixels of the map. */
  readonly area: number
  /** Its area in pixels of the image that was passed in, rounded. */
  readonly originalArea: number
  /** Its highest map value. */
  readonly peak: number
  /** The pixel of the image that was passed in where the peak lies. */
  readonly peakAt: { readonly x: number; readonly y: number }
}

/** A region with the place of its peak in the map. */
export interface PlacedRegion {
  readonly region: MapRegion
  readonly peak: { readonly row: number; readonly column: number }
}

/** The good patch that is nearest to the peak of a region: why it is one. */
export interface NearestPatch {
  /** Number of the good image, in the order in which they were given. */
  readonly image: number
  /** Its file, where the detector file notes it. */
  readonly name?: string
  /** The pixel in its middle; as in the image that was passed in, whose size good images are taken to have. */
  readonly at: { readonly x: number; readonly y: number }
}

/** A region, and what the good images of the calibration say of it. */
export interface Region extends MapRegion {
  /** Probability of a region as high in a good image, counted in those of the calibration; null where the detector file has none of their peaks. */
  readonly pValue: number | null
  /** Absent where the detector does not know: it has no memory bank, or its file is of an earlier version. */
  readonly nearest?: NearestPatch
}

/** Where the pixels of a map lie in the image that was passed in. */
export interface MapPlace extends PreparedPlace {
  /** `[height, width]` of the image that was passed in. */
  readonly original: readonly [number, number]
}

/**
 * The connected regions of a map [H,W] strictly above a threshold; pixels touch by sides and corners.
 * @returns the highest peak first
 */
export function placedRegions({ shape, data }: Tensor, threshold: number, place: MapPlace): PlacedRegion[] {
  const [height, width] = shape as [number, number]
  const mask = Uint8Array.from(data, (value) => (value > threshold ? 1 : 0))
  const { labels, sizes } = connectedComponents(mask, height, width)
  const spans = sizes.map((area) => ({ area, top: height, left: width, bottom: -1, right: -1, at: -1 }))
  labels.forEach((label, at) => {
    const span = spans[label - 1]
    if (!span) return
    const [y, x] = [Math.floor(at / width), at % width]
    span.top = Math.min(span.top, y)
    span.bottom = y
    span.left = Math.min(span.left, x)
    span.right = Math.max(span.right, x)
    if (span.at < 0 || (data[at] as number) > (data[span.at] as number)) span.at = at
  })
  return spans
    .map(({ area, top, left, bottom, right, at }) => {
      const [y, x] = [covered(top, bottom + 1, 0, place), covered(left, right + 1, 1, place)]
      const peakAt = { x: pixelAt((at % width) + 0.5, 1, place), y: pixelAt(Math.floor(at / width) + 0.5, 0, place) }
      const box = { x: x.start, y: y.start, width: x.length, height: y.length }
      const originalArea = Math.round(area * place.scale[0] * place.scale[1])
      const peak = data[at] as number
      return {
        region: { box, area, originalArea, peak, peakAt },
        peak: { row: Math.floor(at / width), column: at % width },
      }
    })
    .sort((a, b) => b.region.peak - a.region.peak)
}

const ROUNDING = 1e-9 // of pixels: 3 * (100 / 3) may come out as 100.00000000000001

/** The pixels of the original that a stretch of the map touches. */
function covered(
  from: number,
  to: number,
  axis: 0 | 1,
  { scale, offset, original }: MapPlace,
): { start: number; length: number } {
  const start = Math.max(0, Math.floor(offset[axis] + from * scale[axis] + ROUNDING))
  const end = Math.min(original[axis], Math.ceil(offset[axis] + to * scale[axis] - ROUNDING))
  return { start, length: end - start }
}

/** The pixel of the image that was passed in at a position along an axis. */
export function pixelAt(position: number, axis: 0 | 1, { scale, offset, original }: MapPlace): number {
  return Math.min(original[axis] - 1, Math.floor(offset[axis] + position * scale[axis] + ROUNDING))
}
