/** A rectangle of RGB pixels, row-major. */
export interface Pixels {
  readonly height: number
  readonly width: number
  readonly data: Float32Array
}

/** Writes the bilinear sample of an image at a fractional place to `out[at]`; places outside use the nearest edge. */
export function sampleBilinear(
  { height, width, data }: Pixels,
  y: number,
  x: number,
  out: Float32Array | Float64Array,
  at: number,
): void {
  const cy = y < 0 ? 0 : y > height - 1 ? height - 1 : y
  const cx = x < 0 ? 0 : x > width - 1 ? width - 1 : x
  const [y0, x0] = [Math.floor(cy), Math.floor(cx)]
  const [fy, fx] = [cy - y0, cx - x0]
  const a = (y0 * width + x0) * 3
  const right = x0 + 1 < width ? 3 : 0
  const down = y0 + 1 < height ? width * 3 : 0
  for (let channel = 0; channel < 3; channel++) {
    const i = a + channel
    const top = (data[i] as number) * (1 - fx) + (data[i + right] as number) * fx
    const bottom = (data[i + down] as number) * (1 - fx) + (data[i + down + right] as number) * fx
    out[at + channel] = top * (1 - fy) + bottom * fy
  }
}

/** A rectangle of an image, resized bilinearly (half-pixel centres, edges clamped). */
export function cropResized(
  image: Pixels,
  top: number,
  left: number,
  cropHeight: number,
  cropWidth: number,
  height: number,
  width: number,
): Pixels {
  const data = new Float32Array(height * width * 3)
  const [scaleY, scaleX] = [cropHeight / height, cropWidth / width]
  for (let y = 0, at = 0; y < height; y++) {
    const sourceY = top + (y + 0.5) * scaleY - 0.5
    for (let x = 0; x < width; x++, at += 3) {
      sampleBilinear(image, sourceY, left + (x + 0.5) * scaleX - 0.5, data, at)
    }
  }
  return { height, width, data }
}
