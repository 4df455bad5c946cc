/**
 * The index of the first number that is NaN or infinite; -1 if all are finite.
 * @example
 * ```ts
 * import { firstNonFinite } from '@tab/core'
 * console.log(firstNonFinite([1, 2, NaN]), firstNonFinite([1, 2, 3])) // 2 -1
 * ```
 */
export function firstNonFinite(data: ArrayLike<number>): number {
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number
    if (value - value !== 0) return i // ten times faster than findIndex with Number.isFinite
  }
  return -1
}
