import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { JudgedCounts } from '@tab/pipeline/node'

/** The exit status that the counts amount to: 0 only where images were judged, all of them, and all are good. */
export function judgedStatus({ good, anomalous, unjudged, failed }: JudgedCounts): ExitStatus {
  if (anomalous > 0) return EXIT.anomalous
  return good > 0 && unjudged + failed === 0 ? EXIT.ok : EXIT.notJudged
}

/** One line that says the same to a reader. */
export function judgedText({ good, anomalous, unjudged, failed }: JudgedCounts): string {
  const total = good + anomalous + unjudged + failed
  if (total === 0) return 'no images, nothing judged'
  const images = `${total} image${total === 1 ? '' : 's'}`
  if (good + anomalous === 0 && unjudged > 0) {
    const left = failed > 0 ? `, ${failed} could not be scored` : ''
    return `${images}${left}, nothing judged: the detector has no threshold; give --threshold SCORE, or fit it with --calibrate RATE`
  }
  const rest = failed + unjudged
  const parts = [`${anomalous} anomalous`, `${good} good`, ...(rest > 0 ? [`${rest} not judged`] : [])]
  return `${images}: ${parts.join(', ')}`
}
