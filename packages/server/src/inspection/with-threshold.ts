import type { Inspection } from '@tab/pipeline'

/**
 * An inspection by another threshold than that of the detector file: a score above it is anomalous. It promises no rate of false alarms.
 * @param threshold null leaves everything as it is
 */
export function withThreshold(inspection: Inspection, threshold: number | null): Inspection {
  if (inspection.verdict === 'not-judged' && inspection.outside) return inspection // whatever its score
  if (threshold === null || inspection.score === null || inspection.map === null || inspection.image === null)
    return inspection
  const { score, map, image } = inspection
  const verdict = score > threshold ? 'anomalous' : 'good' // strictly, as everywhere
  return { ...inspection, verdict, score, map, image, threshold, guaranteedRate: null }
}
