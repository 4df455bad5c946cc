import type { FloatArray } from '../inputs.ts'
import { highestScores, sortScores } from '../ranking/sort-scores.ts'

const GROWTH = 1.25 // with the copy at growth, or the scratch of a sort, at most 9 bytes a float32 score

/** Scores that grow in number: float32 as long as all that came were, then float64. */
export interface ScoreList {
  /** Adds scores; may take the array over. */
  push(scores: FloatArray): void
  /** What it holds, in the order of arrival or as sorted; a view. */
  values(): FloatArray
  /** Sorts what it holds, in ascending order. */
  sort(): FloatArray
  /** At least the `count` highest (or all there are), in ascending order. */
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
      // Beyond a third of them, a copy would take more memory than sorting in place.
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
