const BITS = 11
const BUCKETS = 1 << BITS
const SMALL = 2048 // below this the built-in sort is faster than three passes over the buckets

/** Finite scores in ascending order, as a new array; -0 equals 0. */
export function sortScores<S extends Float32Array | Float64Array>(scores: S): S {
  if (scores.BYTES_PER_ELEMENT === 8 || scores.length < SMALL)
    return scores
      .slice()
      .map((score) => score + 0)
      .sort() as S
  const keys = sortableBits(scores as Float32Array)
  return fromSortableBits(radixSort(keys, undefined).keys) as S
}

/** Scores in ascending order with a number carried along; equal scores keep their order. */
export function sortScoresWith(
  scores: Float32Array,
  payload: Uint32Array,
): { scores: Float32Array; payload: Uint32Array } {
  const sorted = radixSort(sortableBits(scores), payload)
  return { scores: fromSortableBits(sorted.keys), payload: sorted.payload as Uint32Array }
}

/** Bits of each float, changed so that unsigned order is numeric order: all bits flipped if negative, else the sign bit. */
function sortableBits(scores: Float32Array): Uint32Array {
  const keys = new Uint32Array(scores.length)
  const floats = new Float32Array(keys.buffer)
  for (let i = 0; i < scores.length; i++) floats[i] = (scores[i] as number) + 0 // -0 becomes 0
  for (let i = 0; i < keys.length; i++) {
    const bits = keys[i] as number
    keys[i] = bits ^ ((bits >> 31) | 0x80000000)
  }
  return keys
}

function fromSortableBits(keys: Uint32Array): Float32Array {
  const bits = new Uint32Array(keys.length)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number
    bits[i] = key ^ (((key >> 31) ^ -1) | 0x80000000)
  }
  return new Float32Array(bits.buffer)
}

/** Stable sort by 3 passes of 11 bits, least significant first. Uses `keys` and `payload` as scratch. */
function radixSort(
  keys: Uint32Array,
  payload: Uint32Array | undefined,
): { keys: Uint32Array; payload: Uint32Array | undefined } {
  const counts = new Uint32Array(3 * BUCKETS)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number
    for (let pass = 0; pass < 3; pass++) {
      const bucket = pass * BUCKETS + ((key >>> (pass * BITS)) & (BUCKETS - 1))
      counts[bucket] = (counts[bucket] as number) + 1
    }
  }
  let [from, to]: [Uint32Array, Uint32Array] = [keys, new Uint32Array(keys.length)]
  let [carriedFrom, carriedTo]: (Uint32Array | undefined)[] = [
    payload?.slice(),
    payload && new Uint32Array(payload.length),
  ]
  for (let pass = 0; pass < 3; pass++) {
    const starts = counts.subarray(pass * BUCKETS, (pass + 1) * BUCKETS)
    let start = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = starts[bucket] as number
      starts[bucket] = start
      start += count
    }
    const shift = pass * BITS
    for (let i = 0; i < from.length; i++) {
      const key = from[i] as number
      const bucket = (key >>> shift) & (BUCKETS - 1)
      const place = starts[bucket] as number
      starts[bucket] = place + 1
      to[place] = key
      if (carriedTo) carriedTo[place] = (carriedFrom as Uint32Array)[i] as number
    }
    ;[from, to] = [to, from]
    ;[carriedFrom, carriedTo] = [carriedTo, carriedFrom]
  }
  return { keys: from, payload: carriedFrom }
}
