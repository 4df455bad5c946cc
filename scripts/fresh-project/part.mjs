import sharp from 'sharp'

/** A drawn part as the bytes of a JPEG: grey with fine stripes, and a dark spot where it is defective. */
export async function part(index, isDefective = false) {
  const [width, height] = [96, 64]
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const spot = isDefective && (x - 60) ** 2 + (y - 30) ** 2 < 49
      data.fill(
        spot ? 10 : 120 + 8 * Math.sin((x + 3 * y + 5 * index) / 4),
        (y * width + x) * 3,
        (y * width + x) * 3 + 3,
      )
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer()
}
