import { DEFAULT_RATE, SUSPECTS_ERROR_RATE, type FittedDetector, type SuspectNote } from '@tab/pipeline/node'

/** What `tab fit` has done. */
export interface FitOutcome {
  /** The method and its backbone. */
  readonly title: string
  readonly output: string
  /** The contact sheet of the suspects; null where there are none. */
  readonly sheet: string | null
  readonly backbone: string
  readonly fitted: Pick<FittedDetector, 'calibration' | 'threshold' | 'images'>
  /** Null where the images were not checked, for the reason in `unchecked`. */
  readonly suspects: readonly SuspectNote[] | null
  readonly unchecked?: string
  readonly dropped: readonly string[]
  readonly skipped: readonly string[]
}

/** The outcome for programs. */
export function fitJson({ output, backbone, fitted, sheet, suspects, dropped, skipped }: FitOutcome): object {
  const { images, calibration, threshold } = fitted
  return {
    detector: output,
    backbone,
    images,
    skipped,
    threshold: calibration?.threshold ?? null,
    falsePositiveRate: calibration?.falsePositiveRate ?? null,
    guaranteedRate: calibration?.guaranteedRate ?? null,
    thresholdMethod: threshold.method,
    suspects,
    dropped,
    contactSheet: sheet,
  }
}

/** The outcome for people. */
export function fitText(outcome: FitOutcome): string {
  const { title, output, sheet, fitted, suspects, unchecked, dropped, skipped } = outcome
  const lines = [`${title}: ${fitted.images.fitted} good images fitted, ${thresholdText(fitted)}`]
  if (suspects && suspects.length > 0) {
    const counted = suspects.length === 1 ? '1 good image looks' : `${suspects.length} good images look`
    const done = dropped.length > 0 ? ', and were dropped' : ''
    lines.push(
      `suspects: ${counted} unlike the others${done} (error rate ${SUSPECTS_ERROR_RATE}: the probability that good images alone have any)`,
    )
    for (const { path, score, pValue } of suspects)
      lines.push(`  score ${score.toPrecision(4)}  p ${pText(pValue)}  ${path}`)
  } else {
    lines.push(unchecked === undefined ? 'suspects: none' : `suspects: not checked, ${unchecked}`)
  }
  if (sheet !== null) lines.push(`contact sheet: ${sheet}`)
  if (skipped.length > 0) lines.push(`${skipped.length} unreadable images skipped: ${skipped.join(', ')}`)
  lines.push(`detector: ${output}`, ...fitWarnings(outcome))
  return `${lines.join('\n')}\n`
}

/** What must not be overlooked. */
export function fitWarnings({ fitted, suspects, dropped }: FitOutcome): string[] {
  const warnings: string[] = []
  if (suspects && suspects.length > 0 && dropped.length === 0) {
    const effect = fitted.calibration
      ? 'the threshold may be too high, and defects like them pass'
      : 'defects like them pass'
    warnings.push(`warning: if they are defective, ${effect}: look at them, then take them out or use --drop-suspects`)
  }
  if (fitted.threshold.method === 'none') {
    warnings.push(
      `warning: no threshold (${fitted.threshold.reason}): tab predict will judge nothing unless it is given one`,
    )
  }
  return warnings
}

function thresholdText({ calibration, threshold, images }: FitOutcome['fitted']): string {
  if (!calibration || threshold.method === 'none') return 'no threshold'
  const { guaranteedRate, falsePositiveRate } = calibration
  const value = `threshold ${calibration.threshold.toPrecision(4)} for a false positive rate of`
  const isLowest = falsePositiveRate > DEFAULT_RATE && falsePositiveRate === 1 / (calibration.scores.length + 1)
  const lowest = isLowest ? ', the lowest that they support' : ''
  if (guaranteedRate !== null) {
    return `${value} ${rateText(guaranteedRate)} at most, guaranteed by ${images.heldOut} more, held out`
  }
  const folds = threshold.method === 'cross-fitted' ? ` over ${threshold.folds} folds` : ''
  return `${value} about ${rateText(falsePositiveRate)}${lowest}, not guaranteed: from the same, cross-fitted${folds}`
}

function rateText(rate: number): string {
  return String(Number(rate.toPrecision(3)))
}

function pText(pValue: number): string {
  return pValue < 0.0001 ? '< 0.0001' : pValue.toPrecision(2)
}
