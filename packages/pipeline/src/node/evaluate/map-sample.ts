const SAMPLE = 200_000 // values

/** A sample of the values of maps that come one after the other, evenly spread over all of them. */
export interface MapSample {
  add(values: Float32Array): void
  values(): Float32Array
}

/** @param total values that will come, about */
export function sampleMaps(total: number): MapSample {
  const step = Math.max(1, Math.floor(total / SAMPLE))
  const taken: number[] = []
  let next = 0 // place of the next value to take in what comes
  return {
    add(values) {
      for (; next < values.length; next += step) taken.push(values[next] as number)
      next -= values.length
    },
    values: () => Float32Array.from(taken),
  }
}
