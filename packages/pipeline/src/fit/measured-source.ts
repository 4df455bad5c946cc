import type { ImageSource } from '@tab/adapters'
import { imageAt } from '@tab/data'
import { rangeOf, type PictureRange } from '../inspect/picture-range.ts'
import { pictureStatistics, type PictureStatistics } from '../inspect/picture-statistics.ts'

/** Images that are measured as they are read, so that they are not read once more for it. */
export interface MeasuredSource extends ImageSource {
  /** Of all that were read. @param size of the first image as it was passed in */
  range(size: PictureRange['size']): PictureRange
}

/** @param source its images are prepared */
export function measuredSource(source: ImageSource): MeasuredSource {
  const measured = new Map<number, PictureStatistics>()
  return {
    count: source.count,
    async *batches(indices) {
      let done = 0
      for await (const batch of source.batches(indices)) {
        for (let i = 0; i < (batch.shape[0] as number); i++) {
          const index = indices[done++] as number
          if (!measured.has(index)) measured.set(index, pictureStatistics(imageAt(batch, i)))
        }
        yield batch
      }
    },
    range: (size) => rangeOf([...measured.values()], size),
  }
}
