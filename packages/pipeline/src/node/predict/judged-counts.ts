import type { ImageResult } from './image-result.ts'

/** How the images of a run were judged; what was not judged is never counted as good. */
export interface JudgedCounts {
  readonly good: number
  readonly anomalous: number
  /** Scored, but there is no threshold to judge by. */
  readonly unjudged: number
  /** Not even scored: unreadable, of a format that is not read, without a finite score. */
  readonly failed: number
}

export const NONE_JUDGED: JudgedCounts = { good: 0, anomalous: 0, unjudged: 0, failed: 0 }

/** The counts with one more image. */
export function counted(counts: JudgedCounts, { score, anomalous }: ImageResult): JudgedCounts {
  const kind = score === null ? 'failed' : anomalous === null ? 'unjudged' : anomalous ? 'anomalous' : 'good'
  return { ...counts, [kind]: counts[kind] + 1 }
}
