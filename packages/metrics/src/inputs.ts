import { assertTensor, formatShape, TabError, type Tensor } from '@tab/core'

/** One finite number per sample: a plain or typed array. */
export type Scores = ArrayLike<number>
/** One label per sample: 0 or false for normal, 1 or true for anomalous. */
export type Labels = ArrayLike<number | boolean>

export type FloatArray = Float32Array | Float64Array

/** Scores split into normal and anomalous samples; no ranking metric depends on the order within a class. */
export interface ScoresByClass {
  readonly normal: FloatArray
  readonly anomalous: FloatArray
}

function isOf<A>(name: string, values: unknown): values is A {
  return Object.prototype.toString.call(values) === `[object ${name}]` // not instanceof: arrays may come from another realm
}

/** A value that is not a number, for a message; a string keeps its quotes. */
function inWords(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

/** @throws INVALID_ARGUMENT for anything but a plain or typed array: a string has a length too, but is not an array */
function assertArray(where: string, name: string, values: unknown): void {
  const isObject = typeof values === 'object' && values !== null
  if (isObject && Number.isSafeInteger((values as { length?: unknown }).length)) return
  const actual = isObject ? 'an object without a length' : values === null ? 'null' : typeof values
  throw new TabError('INVALID_ARGUMENT', { where, expected: `${name} must be an array`, actual })
}

/**
 * Checks scores. float32 stays as it is, everything else becomes float64. Nothing is converted to a number: null, which JSON
 * writes for NaN, would become the best score of all.
 * @throws NUMERICAL for a score that is not a finite number, INVALID_ARGUMENT for scores that are not an array
 */
export function finiteScores(where: string, scores: Scores): FloatArray {
  assertArray(where, 'scores', scores)
  const floats = isOf<Float32Array>('Float32Array', scores)
    ? scores
    : Float64Array.from(scores, (score: unknown) => (typeof score === 'number' ? score : NaN))
  for (let i = 0; i < floats.length; i++) {
    const score = floats[i] as number
    if (score - score !== 0) {
      throw new TabError('NUMERICAL', {
        where,
        expected: 'scores must be finite numbers',
        actual: `${inWords(scores[i])} at ${i}`,
      })
    }
  }
  return floats
}

/** @throws INVALID_ARGUMENT for labels other than 0, 1, false and true, or for another number of labels than scores */
export function binaryLabels(where: string, labels: Labels, scores: Scores): Uint8Array {
  assertArray(where, 'scores', scores)
  assertArray(where, 'labels', labels)
  const { length } = scores
  if (length !== labels.length) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: 'scores and labels must have the same length',
      actual: `${length} scores and ${labels.length} labels`,
    })
  }
  if (isOf<Uint8Array>('Uint8Array', labels)) {
    const wrong = firstAboveOne(labels)
    if (wrong === -1) return labels
  }
  const checked = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    const label: unknown = labels[i]
    if (label === 1 || label === true) checked[i] = 1
    else if (label !== 0 && label !== false) {
      const actual = `${inWords(label)} at ${i}`
      throw new TabError('INVALID_ARGUMENT', { where, expected: 'labels must be 0 or 1', actual })
    }
  }
  return checked
}

function firstAboveOne(values: Uint8Array): number {
  for (let i = 0; i < values.length; i++) if ((values[i] as number) > 1) return i
  return -1
}

/**
 * Splits scores by label into new arrays: float32 scores stay float32, others become float64.
 * @throws INVALID_ARGUMENT for lengths that differ or labels other than 0 and 1, NUMERICAL for a score that is not a finite number
 */
export function splitByClass(where: string, scores: Scores, labels: Labels): ScoresByClass {
  const anomalies = binaryLabels(where, labels, scores)
  const floats = finiteScores(where, scores)
  let positives = 0
  for (let i = 0; i < anomalies.length; i++) positives += anomalies[i] as number
  const ScoreArray = floats.BYTES_PER_ELEMENT === 4 ? Float32Array : Float64Array
  const normal = new ScoreArray(anomalies.length - positives)
  const anomalous = new ScoreArray(positives)
  let [n, a] = [0, 0]
  for (let i = 0; i < floats.length; i++) {
    if (anomalies[i] === 1) anomalous[a++] = floats[i] as number
    else normal[n++] = floats[i] as number
  }
  return { normal, anomalous }
}

/** @throws UNDEFINED_RESULT when one of the classes is empty */
export function assertBothClasses(where: string, normal: number, anomalous: number): void {
  if (normal > 0 && anomalous > 0) return
  throw new TabError('UNDEFINED_RESULT', {
    where,
    message: `undefined without ${normal === 0 ? 'normal' : 'anomalous'} samples, got ${normal} normal and ${anomalous} anomalous`,
  })
}

/**
 * Checks anomaly maps and their masks.
 * @throws INVALID_ARGUMENT for shapes that differ or mask values other than 0 and 1, NUMERICAL for a map value that is not finite
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
  const refuse = (code: 'NUMERICAL' | 'INVALID_ARGUMENT', expected: string, value: number, index: number): never => {
    const place = `image ${Math.floor(index / area)}, pixel ${index % area}`
    throw new TabError(code, { where, expected, actual: `${value} in ${place}` })
  }
  const { data } = maps
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number
    if (value - value !== 0) refuse('NUMERICAL', 'maps must be finite', value, i)
  }
  const wrong = firstAboveOne(masks.data)
  if (wrong !== -1) refuse('INVALID_ARGUMENT', 'masks must be 0 or 1', masks.data[wrong] as number, wrong)
}
