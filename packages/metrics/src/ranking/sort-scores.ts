import type { FloatArray } from '../inputs.ts'

const BITS = 11
const BUCKETS = 1 << BITS
const LOW = BUCKETS - 1
const NEGATIVE_ZERO = 0x80000000
const ZERO_BUCKET = NEGATIVE_ZERO >>> (2 * BITS)
const SMALL = 2048 // below this, the built-in sort is faster than three passes over the buckets

/**
 * Sorts finite scores in ascending order; -0 becomes 0. Takes over the array, which afterwards is scratch or the result. float32 is
 * sorted by radix on its bits in linear time (Knuth, TAOCP 3, 5.2.5), float64 by the built-in sort.
 */
export function sortScores<S extends FloatArray>(scores: S): S {
  for (let i = 0; i < scores.length; i++) scores[i] = (scores[i] as number) + 0
  if (scores.BYTES_PER_ELEMENT === 8 || scores.length < SMALL) return scores.sort() as S
  const keys = new Uint32Array(scores.buffer as ArrayBuffer, scores.byteOffset, scores.length)
  const counts = toSortableBits(keys)
  const scratch = new Uint32Array(keys.length)
  scatter(keys, scratch, counts, 0)
  scatter(scratch, keys, counts, 1)
  scatter(keys, scratch, counts, 2)
  return fromSortableBits(scratch) as S
}

/**
 * The highest of many finite scores, in ascending order, as a new array: at least `count`, and more when others share the leading
 * bits of the last. Only these are sorted.
 */
export function highestScores(scores: Float32Array, count: number): Float32Array {
  const keys = new Uint32Array(scores.buffer as ArrayBuffer, scores.byteOffset, scores.length)
  const buckets = new Uint32Array(BUCKETS)
  for (let i = 0; i < keys.length; i++) {
    const bucket = leadingBits(keys[i] as number)
    buckets[bucket] = (buckets[bucket] as number) + 1
  }
  let [lowest, held] = [BUCKETS, 0]
  while (lowest > 0 && held < count) held += buckets[--lowest] as number
  const highest = new Float32Array(held)
  let next = 0
  for (let i = 0; i < keys.length; i++) {
    if (leadingBits(keys[i] as number) >= lowest) highest[next++] = scores[i] as number
  }
  return sortScores(highest)
}

/** Ranks a float by its bits as {@link toSortableBits} does; -0 ranks as 0, since the two are equal. */
function leadingBits(bits: number): number {
  return bits === NEGATIVE_ZERO ? ZERO_BUCKET : ((bits ^ ((bits >> 31) | 0x80000000)) >>> (2 * BITS)) & LOW
}

/** Sorts finite scores into new arrays, ascending, and carries a number along with each; equal scores keep their order. */
export function sortScoresWith(
  scores: Float32Array,
  payload: Uint32Array,
): { scores: Float32Array; payload: Uint32Array } {
  const floats = scores.map((score) => score + 0)
  const keys = new Uint32Array(floats.buffer)
  const counts = toSortableBits(keys)
  const [scratch, carried, carriedScratch] = [new Uint32Array(keys.length), payload.slice(), payload.slice()]
  scatterWith(keys, scratch, carried, carriedScratch, counts, 0)
  scatterWith(scratch, keys, carriedScratch, carried, counts, 1)
  scatterWith(keys, scratch, carried, carriedScratch, counts, 2)
  return { scores: fromSortableBits(scratch), payload: carriedScratch }
}

/**
 * Changes float bits in place so that unsigned order is numeric order: all bits are flipped if negative, otherwise the sign bit.
 * @returns the start of every bucket for each of the three passes
 */
function toSortableBits(keys: Uint32Array): Uint32Array {
  const counts = new Uint32Array(3 * BUCKETS)
  for (let i = 0; i < keys.length; i++) {
    const bits = keys[i] as number
    const key = (bits ^ ((bits >> 31) | 0x80000000)) >>> 0
    keys[i] = key
    const [low, middle, high] = [key & LOW, BUCKETS + ((key >>> BITS) & LOW), 2 * BUCKETS + (key >>> (2 * BITS))]
    counts[low] = (counts[low] as number) + 1
    counts[middle] = (counts[middle] as number) + 1
    counts[high] = (counts[high] as number) + 1
  }
  for (let pass = 0; pass < 3; pass++) {
    let start = 0
    for (let bucket = pass * BUCKETS; bucket < (pass + 1) * BUCKETS; bucket++) {
      const count = counts[bucket] as number
      counts[bucket] = start
      start += count
    }
  }
  return counts
}

function fromSortableBits(keys: Uint32Array): Float32Array {
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number
    keys[i] = key ^ (((key >> 31) ^ -1) | 0x80000000)
  }
  return new Float32Array(keys.buffer)
}

/** One stable pass of the radix sort. */
function scatter(from: Uint32Array, to: Uint32Array, starts: Uint32Array, pass: number): void {
  const [shift, offset] = [pass * BITS, pass * BUCKETS]
  for (let i = 0; i < from.length; i++) {
    const key = from[i] as number
    const bucket = offset + ((key >>> shift) & LOW)
    const place = starts[bucket] as number
    starts[bucket] = place + 1
    to[place] = key
  }
}

function scatterWith(
  from: Uint32Array,
  to: Uint32Array,
  carriedFrom: Uint32Array,
  carriedTo: Uint32Array,
  starts: Uint32Array,
  pass: number,
): void {
  const [shift, offset] = [pass * BITS, pass * BUCKETS]
  for (let i = 0; i < from.length; i++) {
    const key = from[i] as number
    const bucket = offset + ((key >>> shift) & LOW)
    const place = starts[bucket] as number
    starts[bucket] = place + 1
    to[place] = key
    carriedTo[place] = carriedFrom[i] as number
  }
}
