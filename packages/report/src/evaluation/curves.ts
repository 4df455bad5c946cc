import { precisionRecallCurve, rocCurve, whereDefined } from '@tab/metrics'
import type { Scoring } from '@tab/pipeline/results'
import { thinCurve, type CurvePoint } from './thin-curve.ts'

/** The curves whose areas a metric table has, few points each; undefined where the metric is. */
export interface EvaluationCurves {
  /** True positive rate of images over their false positive rate. */
  readonly roc: readonly CurvePoint[] | undefined
  /** Precision of images over recall. */
  readonly precisionRecall: readonly CurvePoint[] | undefined
  /** Mean share of a region that is covered over the false positive rate of pixels, up to 0.3. */
  readonly pro: readonly CurvePoint[] | undefined
}

/** False positive rate up to which AUPRO is integrated. */
export const PRO_LIMIT = 0.3

const TOLERANCE = 0.0005 // a tenth of a pixel on a chart of 200

/** The curves of a scored test set: of images, and of the pixels of those whose mask is known. */
export function evaluationCurves({ set, proCurve }: Pick<Scoring, 'set' | 'proCurve'>): EvaluationCurves {
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
    pro: proCurve && thinCurve(proCurve.falsePositiveRates, proCurve.overlaps, TOLERANCE, PRO_LIMIT),
  }
}
