const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI)

/** Probability that a standard normal number is further from 0 than `z`, on either side: erfc(|z| / sqrt 2). */
export function twoSidedTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  return x < 2 ? 1 - erfSeries(x) : erfcFraction(x)
}

/**
 * The z that leaves `1 - confidence` outside (-z, z).
 * @param confidence in (0, 1)
 */
export function twoSidedQuantile(confidence: number): number {
  let [low, high] = [0, 40] // beyond 40, the tail is 0 in double precision
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2
    if (twoSidedTail(middle) > 1 - confidence) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Abramowitz & Stegun 7.1.6: all terms positive, so nothing cancels. */
function erfSeries(x: number): number {
  let [term, sum] = [x, x]
  for (let n = 1; term > 1e-18 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum
}

/** Abramowitz & Stegun 7.1.14, evaluated from the tail of the fraction. */
function erfcFraction(x: number): number {
  let fraction = x
  for (let n = 120; n > 0; n--) fraction = x + n / 2 / fraction
  return ((TWO_OVER_ROOT_PI / 2) * Math.exp(-x * x)) / fraction
}
