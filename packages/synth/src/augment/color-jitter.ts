import { portableMath, randomUniform, type Rng } from '@tab/core'

/** A colour change of a patch: brightness, contrast about its mean, saturation and hue, as one matrix and offset. */
export type ColorMap = (data: Float32Array, at: number, red: number, green: number, blue: number) => void

/**
 * A random colour jitter like torchvision's `ColorJitter(strength)`, with the hue rotated in the YIQ plane.
 * @param strength brightness, contrast and saturation are scaled by 1 +- strength, hue is turned by +- strength of the circle
 * @param mean mean grey of the patch
 */
export function colorJitter(rng: Rng, strength: number, mean: number): ColorMap {
  const factor = (): number => randomUniform(rng, 1 - strength, 1 + strength)
  const [bright, contrast, saturation] = [factor(), factor(), factor()]
  const angle = randomUniform(rng, -strength, strength) * 2 * portableMath.PI
  const [cos, sin] = [saturation * portableMath.cos(angle), saturation * portableMath.sin(angle)]
  const gain = bright * contrast
  const offset = mean * bright * (1 - contrast)
  return (data, at, red, green, blue) => {
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue
    const i = 0.596 * red - 0.274 * green - 0.322 * blue
    const q = 0.211 * red - 0.523 * green + 0.312 * blue
    const [turnedI, turnedQ] = [cos * i - sin * q, sin * i + cos * q]
    data[at] = gain * (luma + 0.956 * turnedI + 0.621 * turnedQ) + offset
    data[at + 1] = gain * (luma - 0.272 * turnedI - 0.647 * turnedQ) + offset
    data[at + 2] = gain * (luma - 1.106 * turnedI + 1.703 * turnedQ) + offset
  }
}

/** The mean grey value of a box. */
export function meanGrey(
  data: Float32Array,
  width: number,
  box: { readonly top: number; readonly left: number; readonly height: number; readonly width: number },
): number {
  let sum = 0
  for (let y = box.top; y < box.top + box.height; y++) {
    for (let at = (y * width + box.left) * 3, end = at + box.width * 3; at < end; at++) sum += data[at] as number
  }
  return sum / (box.height * box.width * 3)
}
