import { DEFAULT_RATE, SUSPECTS_ERROR_RATE, type FitResult } from '@tab/pipeline/node'
import { nameFlags } from '../commands/name-flags.ts'

/** The outcome of `tab fit` for programs. */
export function fitJson({ plan, ...result }: FitResult): object {
  const { detector, backbone, adapted, images, skipped, threshold, falsePositiveRate, guaranteedRate } = result
  const { suspects, dropped, contactSheet, warnings } = result
  return {
    ...{ detector, backbone, adapted, images, skipped, threshold, falsePositiveRate, guaranteedRate },
    ...{ thresholdMethod: plan.method, suspects, dropped, contactSheet, warnings },
  }
}

/** The outcome for people. */
export function fitText(result: FitResult): string {
  const { method, adapted, backbone, detector, contactSheet, images, suspects, unchecked, dropped, skipped } = result
  const lines = [
    `${method} on ${backbone}${adapted ? ', adapted' : ''}: ${images.fitted} good images fitted, ${thresholdText(result)}`,
  ]
  if (suspects && suspects.length > 0) {
    const counted = suspects.length === 1 ? '1 good image looks' : `${suspects.length} good images look`
    const done = dropped.length > 0 ? ', and were dropped' : ''
    lines.push(
      `suspects: ${counted} unlike the others${done} (nominal error rate ${SUSPECTS_ERROR_RATE}: the probability that good images alone have any, if their scores spread as usual)`,
    )
    for (const { path, score, pValue } of suspects)
      lines.push(`  score ${score.toPrecision(4)}  p ${pText(pValue)}  ${path}`)
  } else {
    lines.push(unchecked === undefined ? 'suspects: none' : `suspects: not checked, ${nameFlags(unchecked)}`)
  }
  if (contactSheet !== null) lines.push(`contact sheet: ${contactSheet}`)
  if (skipped.length > 0) lines.push(`${skipped.length} unreadable images skipped: ${skipped.join(', ')}`)
  lines.push(`detector: ${detector}`, ...fitWarnings(result))
  return `${lines.join('\n')}\n`
}

/** What must not be overlooked. */
export function fitWarnings({ plan, threshold, suspects, dropped, warnings: ofSize }: FitResult): string[] {
  const warnings = ofSize.map((warning) => `warning: ${warning}`)
  if (suspects && suspects.length > 0 && dropped.length === 0) {
    const effect =
      threshold !== null ? 'the threshold may be too high, and defects like them pass' : 'defects like them pass'
    warnings.push(`warning: if they are defective, ${effect}: look at them, then take them out or use --drop-suspects`)
  }
  if (plan.method === 'none') {
    warnings.push(
      `warning: no threshold (${nameFlags(plan.reason)}): tab predict will judge nothing unless it is given one`,
    )
  }
  return warnings
}

function thresholdText({ plan, threshold, falsePositiveRate, guaranteedRate, images }: FitResult): string {
  if (threshold === null || falsePositiveRate === null || plan.method === 'none') return 'no threshold'
  const value = `threshold ${threshold.toPrecision(4)} for a false positive rate of`
  if (guaranteedRate !== null) {
    return `${value} ${rateText(guaranteedRate)} at most, guaranteed by ${images.heldOut} more, held out`
  }
  const isLowest = falsePositiveRate > DEFAULT_RATE && falsePositiveRate === 1 / (images.fitted + 1)
  const lowest = isLowest ? ', the lowest that they support' : ''
  const folds = plan.method === 'cross-fitted' ? ` over ${plan.folds} folds` : ''
  return `${value} about ${rateText(falsePositiveRate)}${lowest}, not guaranteed: from the same, cross-fitted${folds}`
}

function rateText(rate: number): string {
  return String(Number(rate.toPrecision(3)))
}

function pText(pValue: number): string {
  return pValue < 0.0001 ? '< 0.0001' : pValue.toPrecision(2)
}
