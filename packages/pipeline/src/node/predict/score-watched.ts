import { isTabError } from '@tab/core'
import type { Inspector } from '../../inspect/inspector.ts'
import type { NodeImage } from '../inspect/node-image.ts'
import { notScored, type ImageResult } from './image-result.ts'
import { predictImages, type PredictImagesOptions } from './predict-images.ts'
import type { ImageWatch } from './watch-images.ts'

/** Results of what comes until the signal fires. */
export async function* scoreWatched(
  inspector: Inspector<NodeImage>,
  watched: ImageWatch,
  options: PredictImagesOptions,
): AsyncGenerator<ImageResult> {
  const { isCurrent } = watched
  try {
    for (;;) {
      const some = await watched.next(4 * (options.batchSize ?? 8))
      if (some.length === 0) return
      for (const { path, reason } of some) {
        if (reason !== undefined && watched.failed(path)) yield notScored(path, reason, inspector.threshold)
      }
      const paths = some.filter(({ reason }) => reason === undefined).map(({ path }) => path)
      for await (const result of predictImages(inspector, paths, { ...options, skipUnreadable: true, isCurrent })) {
        if (result.error === undefined) watched.scored(result.path)
        else if (!watched.failed(result.path)) continue
        yield result
      }
    }
  } catch (error) {
    if (!isTabError(error, 'ABORTED')) throw error // the signal is how a watch ends
  }
}
