/** The four 32-bit words of a 128-bit number, the lowest first. */
export type Words128 = readonly [number, number, number, number]

/**
 * SipHash-2-4 with 128 bits of output (Aumasson & Bernstein 2012) of a string's UTF-8 bytes, under the key 00 01 ... 0f of its
 * published test vectors. Every bit depends on all of the text, so different seeds give different streams. It is not a secret: the key is
 * public. A lone surrogate is hashed as the three bytes that UTF-8 would give its code; no other text has them.
 */
export function seedHash(text: string): Words128 {
  const state = Int32Array.from(INITIAL)
  let length = 0
  let low = 0 // the word before the one that is being filled
  let word = 0
  const push = (byte: number): void => {
    word |= byte << (8 * (length & 3))
    length++
    if ((length & 3) !== 0) return
    if ((length & 7) === 0) absorb(state, low, word)
    else low = word
    word = 0
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i) as number
    if (code < 0x80) {
      push(code)
      continue
    }
    if (code < 0x800) push(0xc0 | (code >> 6))
    else {
      if (code < 0x10000) push(0xe0 | (code >> 12))
      else {
        i++ // both halves of a pair are read
        push(0xf0 | (code >> 18))
        push(0x80 | ((code >> 12) & 63))
      }
      push(0x80 | ((code >> 6) & 63))
    }
    push(0x80 | (code & 63))
  }
  const halfFull = (length & 4) !== 0
  absorb(state, halfFull ? low : word, (halfFull ? word : 0) | (length << 24))
  change(state, 4, 0xee)
  rounds(state, 4)
  const [first, second] = folded(state)
  change(state, 2, 0xdd)
  rounds(state, 4)
  return [first, second, ...folded(state)]
}

/** The four 64-bit numbers of the state under the key, low halves before high ones; 0xee marks the variant of 128 bits. */
const INITIAL = [
  0x70736575 ^ 0x03020100,
  0x736f6d65 ^ 0x07060504,
  0x6e646f6d ^ 0x0b0a0908 ^ 0xee,
  0x646f7261 ^ 0x0f0e0d0c,
  0x6e657261 ^ 0x03020100,
  0x6c796765 ^ 0x07060504,
  0x79746573 ^ 0x0b0a0908,
  0x74656462 ^ 0x0f0e0d0c,
]

function change(state: Int32Array, at: number, bits: number): void {
  state[at] = (state[at] as number) ^ bits
}

function absorb(state: Int32Array, low: number, high: number): void {
  change(state, 6, low)
  change(state, 7, high)
  rounds(state, 2)
  change(state, 0, low)
  change(state, 1, high)
}

function folded(state: Int32Array): [number, number] {
  const half = (at: number): number =>
    (state[at] as number) ^ (state[at + 2] as number) ^ (state[at + 4] as number) ^ (state[at + 6] as number)
  return [half(0), half(1)]
}

/** SipRounds: sums of 64 bits as two of 32 with a carry, turns as shifts of both halves. */
function rounds(state: Int32Array, count: number): void {
  // Local names, read and written one by one: a pattern would go through the array's iterator, at ten times the time.
  let al = state[0] as number
  let ah = state[1] as number
  let bl = state[2] as number
  let bh = state[3] as number
  let cl = state[4] as number
  let ch = state[5] as number
  let dl = state[6] as number
  let dh = state[7] as number
  let turned: number
  for (let round = 0; round < count; round++) {
    // a += b, b turned by 13 ^= a, a turned by 32
    al = (al + bl) | 0
    ah = (ah + bh + (al >>> 0 < bl >>> 0 ? 1 : 0)) | 0
    turned = (bl << 13) | (bh >>> 19)
    bh = ((bh << 13) | (bl >>> 19)) ^ ah
    bl = turned ^ al
    turned = al
    al = ah
    ah = turned
    // c += d, d turned by 16 ^= c
    cl = (cl + dl) | 0
    ch = (ch + dh + (cl >>> 0 < dl >>> 0 ? 1 : 0)) | 0
    turned = (dl << 16) | (dh >>> 16)
    dh = ((dh << 16) | (dl >>> 16)) ^ ch
    dl = turned ^ cl
    // a += d, d turned by 21 ^= a
    al = (al + dl) | 0
    ah = (ah + dh + (al >>> 0 < dl >>> 0 ? 1 : 0)) | 0
    turned = (dl << 21) | (dh >>> 11)
    dh = ((dh << 21) | (dl >>> 11)) ^ ah
    dl = turned ^ al
    // c += b, b turned by 17 ^= c, c turned by 32
    cl = (cl + bl) | 0
    ch = (ch + bh + (cl >>> 0 < bl >>> 0 ? 1 : 0)) | 0
    turned = (bl << 17) | (bh >>> 15)
    bh = ((bh << 17) | (bl >>> 15)) ^ ch
    bl = turned ^ cl
    turned = cl
    cl = ch
    ch = turned
  }
  state[0] = al
  state[1] = ah
  state[2] = bl
  state[3] = bh
  state[4] = cl
  state[5] = ch
  state[6] = dl
  state[7] = dh
}
