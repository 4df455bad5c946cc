/** A BMP of 24 bits a pixel, of grey levels [H*W]. */
export function bitmapFile(pixels: Uint8Array, height: number, width: number): Uint8Array {
  const stride = Math.ceil((width * 3) / 4) * 4
  const bytes = Buffer.alloc(54 + stride * height)
  bytes.write('BM', 'latin1')
  bytes.writeUInt32LE(bytes.length, 2)
  bytes.writeUInt32LE(54, 10)
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(24, 28)
  pixels.forEach((value, i) => {
    const row = height - 1 - Math.floor(i / width)
    bytes.fill(value, 54 + row * stride + (i % width) * 3, 54 + row * stride + (i % width) * 3 + 3)
  })
  return bytes
}
