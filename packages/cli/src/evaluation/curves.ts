import { isTabError, tensor, tensorOf } from '@tab/core'
import { precisionRecallCurve, proCurve, rocCurve } from '@tab/metrics'
import type { ScoredSet } from './metric-table.ts'
import { thinCurve, type CurvePoint } from './thin-curve.ts'

/** The curves behind the areas of a metric table, few points each; undefined where the metric is. */
export interface EvaluationCurves {
  /** True positive rate of images over their false positive rate. */
  readonly roc: readonly CurvePoint[] | undefined
  /** Precision of images over recall. */
  readonly precisionRecall: readonly CurvePoint[] | undefined
  /** Mean share of a region that is covered over the false positive rate of pixels, up to {@link PRO_LIMIT}. */
  readonly pro: readonly CurvePoint[] | undefined
}

/** False positive rate up to which AUPRO is integrated. */
export const PRO_LIMIT = 0.3

const TOLERANCE = 0.0005 // a tenth of a pixel on a chart of 200

/** The curves of a scored test set: of images, and of the pixels of those whose mask is known. */
export function evaluationCurves(set: ScoredSet): EvaluationCurves {
  const labels = Uint8Array.from(set.defects, (defect) => (defect === 'good' ? 0 : 1))
  return {
    roc: whereDefined(() => {
      const { falsePositiveRates, truePositiveRates } = rocCurve(set.scores, labels)
      return thinCurve(falsePositiveRates, truePositiveRates, TOLERANCE)
    }),
    precisionRecall: whereDefined(() => {
      const { recalls, precisions } = precisionRecallCurve(set.scores, labels)
      return thinCurve(recalls, precisions, TOLERANCE)
    }),
    pro: whereDefined(() => {
      const { maps, masks } = withMasks(set)
      const { falsePositiveRates, overlaps } = proCurve(maps, masks)
      return thinCurve(falsePositiveRates, overlaps, TOLERANCE, PRO_LIMIT)
    }),
  }
}

function whereDefined<T>(compute: () => T): T | undefined {
  try {
    return compute()
  } catch (error) {
    if (!isTabError(error, 'UNDEFINED_RESULT')) throw error
    return undefined
  }
}

/** Maps and masks of the images whose mask is known. */
function withMasks({ maps, masks, hasMask }: ScoredSet): Pick<ScoredSet, 'maps' | 'masks'> {
  if (hasMask.every(Boolean)) return { maps, masks }
  const [, height, width] = maps.shape as [number, number, number]
  const area = height * width
  const known = hasMask.flatMap((has, index) => (has ? [index] : []))
  const shape = [known.length, height, width]
  const [values, marks] = [new Float32Array(known.length * area), new Uint8Array(known.length * area)]
  known.forEach((from, to) => {
    values.set(maps.data.subarray(from * area, (from + 1) * area), to * area)
    marks.set(masks.data.subarray(from * area, (from + 1) * area), to * area)
  })
  return { maps: tensor(shape, values), masks: tensorOf('uint8', shape, marks) }
}
