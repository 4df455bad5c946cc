import { randomInteger, type Rng } from '@tab/core'

/** Numbers at which lengths, counts and offsets break. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

/** One of some items. */
export function pick<T>(rng: Rng, items: readonly T[]): T {
  return items[randomInteger(rng, 0, items.length - 1)] as T
}

/** Joins parts of bytes. */
function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

type Mutation = (bytes: Uint8Array, rng: Rng, other: Uint8Array) => Uint8Array

/** A place in bytes; the first hundred, where headers are, as often as all others. */
function place(bytes: Uint8Array, rng: Rng): number {
  const last = Math.max(0, bytes.length - 1)
  return randomInteger(rng, 0, rng() < 0.5 ? Math.min(100, last) : last)
}

function span(bytes: Uint8Array, rng: Rng): [number, number] {
  const begin = place(bytes, rng)
  return [begin, Math.min(bytes.length, begin + randomInteger(rng, 1, rng() < 0.7 ? 8 : 300))]
}

/** Writes a number of 2 or 4 bytes at a place, of either order. */
const putEdge: Mutation = (bytes, rng) => {
  const changed = bytes.slice()
  const size = pick(rng, [1, 2, 4])
  if (changed.length < size) return changed
  const at = Math.min(place(bytes, rng), changed.length - size)
  const view = new DataView(changed.buffer)
  const value = pick(rng, EDGES)
  if (size === 1) view.setUint8(at, value & 0xff)
  else if (size === 2) view.setUint16(at, value & 0xffff, rng() < 0.5)
  else view.setUint32(at, value >>> 0, rng() < 0.5)
  return changed
}

const MUTATIONS: readonly Mutation[] = [
  (bytes, rng) => {
    const changed = bytes.slice()
    const at = place(bytes, rng)
    changed[at] = (changed[at] ?? 0) ^ (1 << randomInteger(rng, 0, 7))
    return changed
  },
  putEdge,
  putEdge,
  (bytes, rng) => {
    const at = place(bytes, rng)
    const added = Uint8Array.from({ length: randomInteger(rng, 1, 20) }, () => randomInteger(rng, 0, 255))
    return joined(bytes.subarray(0, at), added, bytes.subarray(at))
  },
  (bytes, rng) => {
    const [begin, end] = span(bytes, rng)
    return joined(bytes.subarray(0, begin), bytes.subarray(end))
  },
  (bytes, rng) => {
    const [begin, end] = span(bytes, rng)
    return joined(bytes.subarray(0, end), bytes.subarray(begin))
  },
  (bytes, rng) => bytes.slice(0, place(bytes, rng)),
  (bytes, rng, other) => joined(bytes.subarray(0, place(bytes, rng)), other.subarray(place(other, rng))),
]

/** Bytes with one to four random changes: flips, edges of numbers, insertions, deletions, repetitions, cuts, and ends of another file. */
export function mutateBytes(bytes: Uint8Array, rng: Rng, other: Uint8Array): Uint8Array {
  let changed = bytes
  for (let left = randomInteger(rng, 1, 4); left > 0; left--) changed = pick(rng, MUTATIONS)(changed, rng, other)
  return changed
}
