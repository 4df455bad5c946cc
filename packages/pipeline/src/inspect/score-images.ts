import { isTabError, TabError, tensor, tensorOf, type Detector, type Tensor, type TabErrorCode } from '@tab/core'
import { imageAt } from '@tab/data'

/** A finite score and its map [H,W]. */
export interface Scored {
  readonly score: number
  readonly map: Tensor
  /** [h,w,3], of each cell of a grid over the image its nearest good patch: number of the image, row and column there; -1 where unknown. */
  readonly nearest?: Tensor<'int32'> | undefined
}

/** What an image may be refused for, as against a detector that was disposed of or a backend that is lacking. */
const OF_THE_IMAGE: readonly TabErrorCode[] = ['NUMERICAL', 'INVALID_DATA', 'INVALID_ARGUMENT', 'UNDEFINED_RESULT']

/**
 * The score of each image of a batch, or why it has none: a score that is not finite is neither good nor anomalous.
 * @param images [N,H,W,3]
 * @param names of the images, for messages
 * @throws what is not about an image: DISPOSED, ABORTED, ...
 */
export async function scoreImages(
  detector: Pick<Detector, 'predict'>,
  images: Tensor,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<(Scored | TabError)[]> {
  try {
    const { scores, maps, nearest } = await detector.predict(images, { signal })
    return names.map((where, index) => {
      const score = scores.data[index]
      if (score !== undefined && Number.isFinite(score))
        return { score, map: imageAt(maps, index), nearest: nearest && cellsAt(nearest, index) }
      return new TabError('NUMERICAL', { where, expected: 'a finite score', actual: String(score) })
    })
  } catch (error) {
    if (!isTabError(error) || !OF_THE_IMAGE.includes(error.code)) throw error
    const [only] = names
    if (only !== undefined && names.length === 1) {
      return [new TabError(error.code, { where: only, message: error.message, cause: error })]
    }
    const each: (Scored | TabError)[] = []
    for (const [index, name] of names.entries()) {
      const image = imageAt(images, index)
      each.push(...(await scoreImages(detector, tensor([1, ...image.shape], image.data), [name], signal)))
    }
    return each
  }
}

function cellsAt({ shape, data }: Tensor<'int32'>, index: number): Tensor<'int32'> {
  const length = data.length / (shape[0] as number)
  return tensorOf('int32', shape.slice(1), data.subarray(index * length, (index + 1) * length))
}
