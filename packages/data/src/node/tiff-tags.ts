const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8 } // whole numbers

/**
 * The tags of the first page of a TIFF or BigTIFF file that hold whole numbers: the first number of each (TIFF 6.0, section 2).
 * @throws an error if the directory is truncated
 */
export function tiffTags(bytes: Buffer): ReadonlyMap<number, number> {
  const little = bytes[0] === 0x49
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const number = (at: number, size: number): number => {
    if (at + size > bytes.length) throw new Error('the TIFF directory is truncated')
    if (size === 1) return view.getUint8(at)
    if (size === 2) return view.getUint16(at, little)
    if (size === 4) return view.getUint32(at, little)
    return Number(view.getBigUint64(at, little))
  }
  const big = number(2, 2) === 43
  const wide = big ? 8 : 4 // bytes of an offset
  const start = number(big ? 8 : 4, wide)
  const count = number(start, big ? 8 : 2)
  const entry = big ? 20 : 12
  const tags = new Map<number, number>()
  for (let i = 0; i < Math.min(count, 4096); i++) {
    const at = start + (big ? 8 : 2) + i * entry
    const size = TYPE_BYTES[number(at + 2, 2)]
    if (size === undefined) continue
    const inside = size * number(at + 4, wide) <= wide // a longer value is elsewhere
    const value = at + 4 + wide
    tags.set(number(at, 2), number(inside ? value : number(value, wide), size))
  }
  return tags
}
