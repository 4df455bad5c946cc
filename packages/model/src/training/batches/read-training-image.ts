import { assertImage, isTabError, TabError, type Tensor } from '@tab/core'
import type { TrainingClass } from './training-class.ts'

/** Errors that another image would not have. */
const OF_THE_IMAGE = ['INVALID_ARGUMENT', 'INVALID_DATA', 'NOT_FOUND', 'UNDEFINED_RESULT', 'NUMERICAL']

/** What an error calls an image of a class. */
export function nameOfImage({ name, images }: TrainingClass, index: number): string {
  return images.nameOf?.(index) ?? `image ${index} of class "${name}"`
}

/**
 * Reads an image of a class and checks it.
 * @throws what reading throws, and INVALID_ARGUMENT or NUMERICAL for what is not an image [H,W,3] in [0,1]; both name the image
 */
export async function readTrainingImage(source: TrainingClass, index: number): Promise<Tensor> {
  try {
    const image = await source.images.read(index)
    assertImage('images.read', image)
    return image
  } catch (error) {
    throw ofImage(error, nameOfImage(source, index))
  }
}

/** An error with the name of the image that it is about, where it does not have it yet; of a stream, the error that caused it. */
function ofImage(error: unknown, name: string): unknown {
  if (!isTabError(error) || !OF_THE_IMAGE.includes(error.code) || error.message.includes(name)) return error
  const { code, message } = isTabError(error.cause) ? error.cause : error
  return new TabError(code, { where: `pretrain, ${name}`, message, cause: error })
}

/** Anomalies in the order of their images; an error gets the name of the image whose turn it is. */
export async function* namingImages<T>(
  anomalies: AsyncIterable<T>,
  nameOfNext: () => string | undefined,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* anomalies
  } catch (error) {
    const name = nameOfNext()
    throw name === undefined ? error : ofImage(error, name)
  }
}
