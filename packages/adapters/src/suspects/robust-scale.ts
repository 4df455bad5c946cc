const TO_SIGMA = 2.2219 // of a normal distribution
const SMALL_SAMPLE = [NaN, NaN, 0.399, 0.994, 0.512, 0.844, 0.611, 0.857, 0.669, 0.872]
const STEPS = 100 // halvings of an interval, more than float64 can tell apart

/**
 * The scale estimate Qn of Rousseeuw and Croux (1993), for a normal distribution its standard deviation: a quantile of the
 * distances of all pairs. Up to half of the values may be anything, and it wastes a fifth of the data where the median absolute
 * deviation wastes two thirds, which matters with twenty values. Factors for small samples by Croux and Rousseeuw (1992).
 * @param ascending 2 or more
 */
export function robustScale(ascending: Float64Array): number {
  const count = ascending.length
  const half = Math.floor(count / 2) + 1
  const rank = (half * (half - 1)) / 2
  let low = 0
  let high = (ascending.at(-1) as number) - (ascending[0] as number)
  if (pairsWithin(ascending, 0) >= rank) return 0
  // Counting the pairs within a distance takes one pass over sorted values; listing all distances would take n^2 of memory.
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (pairsWithin(ascending, middle) >= rank) high = middle
    else low = middle
  }
  return TO_SIGMA * smallSample(count) * high
}

function pairsWithin(ascending: Float64Array, distance: number): number {
  let pairs = 0
  for (let left = 0, right = 0; right < ascending.length; right++) {
    while ((ascending[right] as number) - (ascending[left] as number) > distance) left++
    pairs += right - left
  }
  return pairs
}

function smallSample(count: number): number {
  return SMALL_SAMPLE[count] ?? (count % 2 === 1 ? count / (count + 1.4) : count / (count + 3.8))
}
