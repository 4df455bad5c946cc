/** What is said of one image. */
export interface ImageResult {
  readonly path: string
  /** Null where the image was not scored. */
  readonly score: number | null
  /** What a score must be above to be anomalous; null where the detector has no threshold. */
  readonly threshold: number | null
  /** Null where it was not judged: for want of a threshold or of a score. */
  readonly anomalous: boolean | null
  /** Of "this part is good"; null where the detector has no calibration. */
  readonly pValue: number | null
  /** 0.5 at the calibrated threshold; null where there is none. */
  readonly normalizedScore: number | null
  /** Path of its heatmap, where these are written. */
  readonly heatmap?: string
  /** What is wrong with the size of the image, where anything is. */
  readonly warnings?: readonly string[]
  /** Why the image was not scored. */
  readonly error?: string
}

/**
 * The result of an image that was not scored, to stand among those of `predictImages`, so that what was not judged does not pass for good.
 * @example
 * ```ts
 * import { copyFile, mkdir, writeFile } from 'node:fs/promises'
 * import { findImages, notScored } from '@tab/pipeline/node'
 *
 * await mkdir('phone')
 * await copyFile('washers/train/good/000.png', 'phone/1.png')
 * await writeFile('phone/2.heic', '')
 * const { files, leftOut } = await findImages(['phone'])
 * const [missing] = leftOut.map(({ path, reason }) => notScored(path, reason, null))
 * console.log(files, missing?.path, missing?.anomalous) // [ 'phone/1.png' ] phone/2.heic null
 * ```
 */
export function notScored(path: string, error: string, threshold: number | null): ImageResult {
  return { path, score: null, threshold, anomalous: null, pValue: null, normalizedScore: null, error }
}
