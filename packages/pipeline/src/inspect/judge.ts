import { peakPValue, verdict, type Calibration } from '@tab/adapters'
import { checkNumber, type TabError, type Tensor } from '@tab/core'
import type { PreparedPlace } from '@tab/data'
import type { Inspection, NotJudged } from './inspection.ts'
import { nearestPatch } from './nearest-patch.ts'
import type { OutsideRange } from './picture-range.ts'
import { placedRegions, type Region } from './regions.ts'
import type { Scored } from './score-images.ts'

/** An image as the detector sees it, and where it lies in the one that was passed in. */
export interface PreparedImage {
  readonly image: Tensor
  readonly place: PreparedPlace
  readonly original: readonly [number, number]
}

/** What decides: one implementation for a service, a page and `tab predict`. */
export interface Judge {
  /** Null where there is none. */
  readonly threshold: number | null
  readonly pixelThreshold: number | null
  readonly guaranteedRate: number | null
  judge(prepared: PreparedImage, scored: Scored | TabError): Inspection
  /** An image that was not scored. */
  refuse(error: TabError, image: Tensor | null): NotJudged
}

/**
 * @param given a threshold in place of the calibrated one
 * @param warnOf what to say of a picture of a size
 * @param goodImages their names, by number
 * @param outsideOf why a picture cannot be judged
 * @throws INVALID_ARGUMENT for a threshold that is not finite: nothing is above NaN, so all would pass for good
 */
export function createJudge(
  calibration: Calibration | undefined,
  given: number | undefined,
  warnOf: (original: readonly [number, number]) => readonly string[],
  goodImages: readonly string[] = [],
  outsideOf: (prepared: PreparedImage) => OutsideRange | undefined = () => undefined,
): Judge {
  if (given !== undefined) checkNumber('openInspector', 'threshold', given)
  const limits = {
    threshold: given ?? calibration?.threshold ?? null,
    pixelThreshold: calibration?.pixelThreshold ?? null,
    guaranteedRate: given === undefined ? (calibration?.guaranteedRate ?? null) : null,
  }
  const refuse = (error: TabError, image: Tensor | null): NotJudged => ({
    ...limits,
    verdict: 'not-judged',
    reason: error.message,
    error,
    score: null,
    pValue: null,
    normalizedScore: null,
    map: null,
    image,
    regions: [],
    warnings: [],
  })
  const regionsOf = (scored: Scored, limit: number, { image, place, original }: PreparedImage): Region[] => {
    const { map, nearest } = scored
    const inMap = { ...placeOfMap(place, image, map), original }
    return placedRegions(map, limit, inMap).map(({ region, peak }) => {
      const pValue = calibration ? peakPValue(calibration, region.peak) : null
      const patch = nearest && nearestPatch(nearest, map, peak, { ...place, original }, goodImages)
      return { ...region, pValue, ...(patch ? { nearest: patch } : {}) }
    })
  }
  return {
    ...limits,
    refuse,
    judge(prepared, scored) {
      const { image, place, original } = prepared
      const warnings = warnOf(original)
      if ('code' in scored) return { ...refuse(scored, image), warnings }
      const { score, map } = scored
      const told = calibration && verdict(calibration, score)
      const { threshold, pixelThreshold } = limits
      const found = {
        ...limits,
        score,
        pValue: told?.pValue ?? null,
        normalizedScore: told?.normalizedScore ?? null,
        map,
        image,
        warnings,
        regions: pixelThreshold === null ? [] : regionsOf(scored, pixelThreshold, { image, place, original }),
      }
      const unlike = outsideOf(prepared)
      if (unlike) return { ...found, verdict: 'not-judged', ...unlike }
      if (threshold === null) return { ...found, verdict: 'not-judged', reason: 'the detector has no threshold' }
      return { ...found, threshold, verdict: score > threshold ? 'anomalous' : 'good' } // strictly, as everywhere
    },
  }
}

/** Of a map that is coarser than its image (`mapSize: 'grid'`). */
function placeOfMap({ scale, offset }: PreparedPlace, image: Tensor, map: Tensor): PreparedPlace {
  const factor = (axis: 0 | 1): number => (image.shape[axis] as number) / (map.shape[axis] as number)
  return { scale: [scale[0] * factor(0), scale[1] * factor(1)], offset }
}
