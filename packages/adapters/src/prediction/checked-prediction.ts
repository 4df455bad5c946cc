import { assertTensor, TabError, type Prediction } from '@tab/core'
import { assertFinitePerImage } from '../finite-per-image.ts'

/**
 * Checks that a prediction holds one finite score and one finite map per image.
 * @param count number of images
 * @throws NUMERICAL naming the image, INVALID_DATA for another number of scores or maps
 */
export function checkedPrediction(where: string, prediction: Prediction, count: number): Prediction {
  const { scores, maps } = prediction
  try {
    assertTensor(where, 'scores', scores, [count])
    assertTensor(where, 'maps', maps, [count, 'H', 'W'])
  } catch (cause) {
    throw new TabError('INVALID_DATA', { where, message: `not a prediction: ${(cause as Error).message}`, cause })
  }
  assertFinitePerImage(where, 'scores', scores)
  assertFinitePerImage(where, 'anomaly maps', maps)
  return prediction
}
