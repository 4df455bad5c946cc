import { assertTensor, formatShape, TabError, type Tensor } from '@tab/core'

/** Numbers one a sample: a plain or typed array. */
export type Scores = ArrayLike<number>
/** 0 for normal, 1 for anomalous, one a sample. */
export type Labels = ArrayLike<number | boolean>

/** Scores of normal and anomalous samples apart; their order within a class does not matter to any ranking metric. */
export interface ScoresByClass {
  readonly normal: Float32Array | Float64Array
  readonly anomalous: Float32Array | Float64Array
}

/**
 * Splits scores by label, in float32 if they came so, else in float64.
 * @throws INVALID_ARGUMENT for lengths that differ or labels besides 0 and 1, NUMERICAL for a score that is not finite,
 *   UNDEFINED_RESULT when one of the classes is empty
 */
export function splitByClass(where: string, scores: Scores, labels: Labels): ScoresByClass {
  if (scores.length !== labels.length) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: 'scores and labels must have one length',
      actual: `${scores.length} scores and ${labels.length} labels`,
    })
  }
  let positives = 0
  for (let i = 0; i < labels.length; i++) {
    const label = Number(labels[i])
    if (label !== 0 && label !== 1) {
      throw new TabError('INVALID_ARGUMENT', { where, expected: 'labels must be 0 or 1', actual: `${label} at ${i}` })
    }
    positives += label
  }
  const single = Object.prototype.toString.call(scores) === '[object Float32Array]'
  const ScoreArray = single ? Float32Array : Float64Array
  const normal = new ScoreArray(labels.length - positives)
  const anomalous = new ScoreArray(positives)
  let [n, a] = [0, 0]
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number
    if (!Number.isFinite(score)) {
      throw new TabError('NUMERICAL', { where, expected: 'scores must be finite', actual: `${score} at ${i}` })
    }
    if (Number(labels[i]) === 1) anomalous[a++] = score
    else normal[n++] = score
  }
  if (n === 0 || a === 0) {
    throw new TabError('UNDEFINED_RESULT', {
      where,
      message: `undefined without ${n === 0 ? 'normal' : 'anomalous'} samples, got ${n} normal and ${a} anomalous`,
    })
  }
  return { normal, anomalous }
}

/**
 * Checks anomaly maps and their masks.
 * @throws INVALID_ARGUMENT for shapes that differ or mask values besides 0 and 1, NUMERICAL for a map value not finite
 */
export function assertMapsAndMasks(where: string, maps: Tensor, masks: Tensor<'uint8'>): void {
  assertTensor(where, 'maps', maps, ['N', 'H', 'W'])
  assertTensor(where, 'masks', masks, ['N', 'H', 'W'], 'uint8')
  if (formatShape(maps.shape) !== formatShape(masks.shape)) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: `masks must have the shape of the maps, ${formatShape(maps.shape)}`,
      actual: formatShape(masks.shape),
    })
  }
  const area = (maps.shape[1] as number) * (maps.shape[2] as number)
  const place = (index: number): string => `image ${Math.floor(index / area)}, pixel ${index % area}`
  for (let i = 0; i < maps.data.length; i++) {
    if (!Number.isFinite(maps.data[i] as number)) {
      throw new TabError('NUMERICAL', {
        where,
        expected: 'maps must be finite',
        actual: `${maps.data[i]} in ${place(i)}`,
      })
    }
    if ((masks.data[i] as number) > 1) {
      throw new TabError('INVALID_ARGUMENT', {
        where,
        expected: 'masks must be 0 or 1',
        actual: `${masks.data[i]} in ${place(i)}`,
      })
    }
  }
}
