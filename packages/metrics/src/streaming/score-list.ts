import type { FloatArray } from '../inputs.ts'
import { highestScores, sortScores } from '../ranking/sort-scores.ts'

const GROWTH = 1.25 // at most 9 bytes per float32 score, including the copy while growing or the scratch of a sort

/** A growing list of scores: float32 as long as all of them are, then float64. */
export interface ScoreList {
  /** Adds scores; may take over the array. */
  push(scores: FloatArray): void
  /** A view of the scores, in the order of arrival or sorted. */
  values(): FloatArray
  /** Sorts the scores in ascending order. */
  sort(): FloatArray
  /** At least the `count` highest, or all if there are fewer, in ascending order. */
  highest(count: number): FloatArray
  clear(): void
}

export function createScoreList(): ScoreList {
  let data: FloatArray = new Float32Array(0)
  let length = 0
  let sorted = true

  function reserve(added: number, wide: boolean): void {
    const needed = length + added
    if (needed <= data.length && (data.BYTES_PER_ELEMENT === 8 || !wide)) return
    const ScoreArray = wide || data.BYTES_PER_ELEMENT === 8 ? Float64Array : Float32Array
    const grown = new ScoreArray(Math.max(needed, Math.ceil(length * GROWTH)))
    grown.set(data.subarray(0, length))
    data = grown
  }

  function sort(): FloatArray {
    if (!sorted) data = sortScores(data.subarray(0, length))
    sorted = true
    return data.subarray(0, length)
  }

  return {
    push(scores) {
      if (scores.length === 0) return
      sorted = false
      if (length === 0) {
        data = scores
        length = scores.length
        return
      }
      reserve(scores.length, scores.BYTES_PER_ELEMENT === 8)
      data.set(scores, length)
      length += scores.length
    },
    values: () => data.subarray(0, length),
    sort,
    highest(count) {
      // A copy of more than a third would take more memory than sorting in place.
      if (sorted || data.BYTES_PER_ELEMENT === 8 || 3 * count > length) return sort()
      return highestScores(data.subarray(0, length) as Float32Array, count)
    },
    clear() {
      data = new Float32Array(0)
      length = 0
      sorted = true
    },
  }
}
