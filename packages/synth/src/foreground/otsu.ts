const BINS = 256

/** A split of values into two classes. */
export interface Split {
  /** The upper edge of the lower class. */
  readonly threshold: number
  /** The share of the variance between the classes, in [0, 1]: about 0.6 for noise, near 1 for two clear levels. */
  readonly separability: number
}

/** The threshold that splits values into two classes with the least variance within them (Otsu 1979), over 256 bins. */
export function otsuSplit(values: Float32Array): Split {
  let [lowest, highest] = [Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (value < lowest) lowest = value
    if (value > highest) highest = value
  }
  if (highest === lowest) return { threshold: highest, separability: 0 }
  const counts = new Float64Array(BINS)
  const scale = BINS / (highest - lowest)
  for (let i = 0; i < values.length; i++) {
    const bin = Math.min(BINS - 1, Math.floor(((values[i] as number) - lowest) * scale))
    counts[bin] = (counts[bin] as number) + 1
  }
  const total = counts.reduce((sum, count, bin) => sum + count * bin, 0)
  let [below, sumBelow, best, split] = [0, 0, -1, 0]
  for (let bin = 0; bin < BINS - 1; bin++) {
    below += counts[bin] as number
    sumBelow += bin * (counts[bin] as number)
    const above = values.length - below
    if (below === 0 || above === 0) continue
    const gap = sumBelow / below - (total - sumBelow) / above
    const between = below * above * gap * gap
    if (between > best) [best, split] = [between, bin]
  }
  const mean = total / values.length
  const variance = counts.reduce((sum, count, bin) => sum + count * (bin - mean) * (bin - mean), 0)
  const separability = variance === 0 ? 0 : best / values.length / variance
  return { threshold: lowest + (split + 1) / scale, separability }
}
