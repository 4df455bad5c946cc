/** What one byte of deflate becomes at most (zlib, "Maximum Expansion Factor"). */
const EXPANSION = 1032

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } // by the colour type of PNG

/**
 * Rejects a PNG that says it has more pixels than its bytes can hold: to find that out by decoding takes the memory of all of them.
 * @throws an error if the file is truncated or its size is invalid
 */
export function assertPngHolds(bytes: Buffer): void {
  if (bytes.length < 33) throw new Error('the PNG header is truncated')
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  const bits = (bytes[24] as number) * (CHANNELS[bytes[25] as number] ?? 1)
  const needed = height * Math.ceil((width * bits) / 8)
  if (needed <= bytes.length * EXPANSION) return
  throw new Error(`its header says ${height} x ${width} pixels, more than a PNG of ${bytes.length} bytes can hold`)
}
