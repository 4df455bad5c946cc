import { heldOutCount } from './hold-out.ts'

/** False positive rate of a threshold that nobody asked for, where there are images enough for it. */
export const DEFAULT_RATE = 0.05
const DEFAULT_FOLDS = 5

/** What is asked of a threshold. */
export interface ThresholdWish {
  /** False positive rate; false for no threshold, undefined for what the number of images supports. */
  readonly rate: number | false | undefined
  /** Cross-fit over so many folds instead of holding images out. */
  readonly folds: number | undefined
}

/** How a threshold is made. */
export type ThresholdPlan =
  | { readonly method: 'none'; readonly reason: string }
  | { readonly method: 'held-out'; readonly rate: number; readonly isDefault: boolean }
  | { readonly method: 'cross-fitted'; readonly rate: number; readonly folds: number; readonly isDefault: boolean }

/**
 * How the threshold of a detector is made from `count` good images. What is asked for is done as asked, or refused later on. Otherwise: held out
 * where half of them support a rate of 0.05 (38 or more); else cross-fitted, at 0.05 or, of fewer than 19, at the lowest rate that they
 * support, 1 / (count + 1). One image has nothing to be compared with.
 */
export function planThreshold(count: number, { rate, folds }: ThresholdWish): ThresholdPlan {
  if (rate === false) return { method: 'none', reason: 'none was asked for' }
  if (rate !== undefined) {
    return folds === undefined
      ? { method: 'held-out', rate, isDefault: false }
      : { method: 'cross-fitted', rate, folds, isDefault: false }
  }
  if (folds !== undefined) return { method: 'cross-fitted', rate: supported(count), folds, isDefault: false }
  if (count < 2) return { method: 'none', reason: 'it takes two good images or more' }
  if (heldOutCount(count, DEFAULT_RATE) !== undefined) {
    return { method: 'held-out', rate: DEFAULT_RATE, isDefault: true }
  }
  return { method: 'cross-fitted', rate: supported(count), folds: Math.min(DEFAULT_FOLDS, count), isDefault: true }
}

function supported(count: number): number {
  return Math.max(DEFAULT_RATE, 1 / (count + 1))
}
