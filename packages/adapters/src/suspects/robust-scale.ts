const TO_SIGMA = 2.2219 // for a normal distribution
const SMALL_SAMPLE = [NaN, NaN, 0.399, 0.994, 0.512, 0.844, 0.611, 0.857, 0.669, 0.872]
const STEPS = 100 // halvings of an interval, more than float64 can resolve

/**
 * The robust scale Qn (Rousseeuw & Croux 1993), which for a normal distribution is its standard deviation: a quantile of the distances
 * between all pairs. It tolerates outliers in up to half of the values, and has an efficiency of 82 %, against 37 % for the median
 * absolute deviation, which matters with twenty values. Small-sample factors from Croux & Rousseeuw (1992).
 * @param ascending 2 or more
 */
export function robustScale(ascending: Float64Array): number {
  const count = ascending.length
  const half = Math.floor(count / 2) + 1
  const rank = (half * (half - 1)) / 2
  let low = 0
  let high = (ascending.at(-1) as number) - (ascending[0] as number)
  if (pairsWithin(ascending, 0) >= rank) return 0
  // Counting the pairs within a distance takes one pass over sorted values; a list of all distances would take n^2 memory.
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
