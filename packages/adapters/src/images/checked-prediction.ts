import { assertTensor, TabError, type Prediction, type Tensor } from '@tab/core'

/**
 * What a detector may say of images: one finite score and one finite map each. NaN is above no threshold, so it would pass for good.
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
  assertFinite(where, 'scores', scores)
  assertFinite(where, 'anomaly maps', maps)
  return prediction
}

function assertFinite(where: string, name: string, { data, shape }: Tensor): void {
  // A sum over all is finite unless a part is not, and costs one addition per element: float64 holds any sum of float32.
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += data[i] as number
  if (Number.isFinite(sum)) return
  const at = data.findIndex((value) => !Number.isFinite(value))
  const image = Math.floor((at * (shape[0] as number)) / data.length)
  throw new TabError('NUMERICAL', {
    where,
    expected: `${name} must be finite`,
    actual: `${data[at]} for image ${image}`,
  })
}
