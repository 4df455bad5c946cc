import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '@tab/core/node'
import sharp from 'sharp'
import type { KeptImages } from '../store/kept-images.ts'
import type { FeedbackOnImage } from '../store/rows.ts'
import { labelledImages } from './labelled-images.ts'

/** What was written. */
export interface FeedbackExport {
  readonly good: number
  readonly defect: number
  /** Images that were not kept. */
  readonly missing: number
}

/** Of 16: images of good parts to fit on. The digest decides, so that an image is on the same side in every export. */
const TO_FIT_ON = 12

/**
 * Writes what people said as a data set: `manifest.csv` and the images by their digest. Three quarters of the good images are to fit on, the others and
 * the defects to test with.
 * @param folder that does not exist yet
 */
export async function exportFeedback(
  feedback: readonly FeedbackOnImage[],
  images: KeptImages,
  folder: string,
): Promise<FeedbackExport> {
  await mkdir(join(folder, 'images'), { recursive: true })
  const lines = ['path,split,label,defect']
  const counts = { good: 0, defect: 0, missing: 0 }
  for (const { imageDigest, label } of labelledImages(feedback)) {
    const source = images.pathOf(imageDigest)
    const path = `images/${imageDigest}.${await endingOf(source)}`
    const isKept = await copyFile(source, join(folder, path)).then(
      () => true,
      () => false,
    )
    counts[isKept ? label : 'missing'] += 1
    if (!isKept) continue
    const isToFitOn = label === 'good' && parseInt(imageDigest.slice(0, 1), 16) < TO_FIT_ON
    lines.push(`${path},${isToFitOn ? 'train' : 'test'},${label === 'good' ? 0 : 1},${label}`)
  }
  await writeAtomically(join(folder, 'manifest.csv'), `${lines.join('\n')}\n`)
  return counts
}

/** By its bytes; what sharp does not know, and the server can read, is a bitmap. */
async function endingOf(path: string): Promise<string> {
  const format = await sharp(path)
    .metadata()
    .then(
      (found) => found.format,
      () => 'bmp',
    )
  return format === 'heif' ? 'avif' : format
}
