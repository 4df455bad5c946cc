import { portableMath, type Rng } from '@tab/core'

const DIRECTIONS = 64

/**
 * Perlin noise with random unit gradients (Perlin 1985, fade of 2002), the pattern rotated about the image's centre.
 * The circle is divided into 64 directions, so that no sine is computed per point.
 * @param gridCells lattice cells over the height and over the width
 * @param angle in radians
 * @returns [height * width], about in [-1, 1]
 */
export function perlinNoise(
  rng: Rng,
  height: number,
  width: number,
  gridCells: readonly [number, number],
  angle: number,
): Float32Array {
  const [sin, cos] = [portableMath.sin(angle), portableMath.cos(angle)]
  const [perY, perX] = [gridCells[0] / height, gridCells[1] / width]
  // A lattice that holds the pattern at any rotation. Each side is separate: for a narrow image, a square would take gigabytes.
  const diagonal = Math.sqrt(height * height + width * width) / 2
  const [middleY, middleX] = [Math.ceil(diagonal * perY) + 1, Math.ceil(diagonal * perX) + 1]
  const side = 2 * middleX + 2
  const { gradientY, gradientX } = randomGradients(rng, (2 * middleY + 2) * side)

  const noise = new Float32Array(height * width)
  for (let y = 0; y < height; y++) {
    const fromMiddle = y - height / 2
    let v = (cos * fromMiddle + (sin * width) / 2) * perY + middleY
    let u = (sin * fromMiddle - (cos * width) / 2) * perX + middleX
    for (let at = y * width, end = at + width; at < end; at++, v -= sin * perY, u += cos * perX) {
      const [j, i] = [v | 0, u | 0]
      const [fy, fx] = [v - j, u - i]
      const a = j * side + i
      const c = a + side
      const wx = fx * fx * fx * (fx * (fx * 6 - 15) + 10)
      const wy = fy * fy * fy * (fy * (fy * 6 - 15) + 10)
      const topLeft = (gradientY[a] as number) * fy + (gradientX[a] as number) * fx
      const topRight = (gradientY[a + 1] as number) * fy + (gradientX[a + 1] as number) * (fx - 1)
      const bottomLeft = (gradientY[c] as number) * (fy - 1) + (gradientX[c] as number) * fx
      const bottomRight = (gradientY[c + 1] as number) * (fy - 1) + (gradientX[c + 1] as number) * (fx - 1)
      const top = topLeft + wx * (topRight - topLeft)
      noise[at] = Math.SQRT2 * (top + wy * (bottomLeft + wx * (bottomRight - bottomLeft) - top))
    }
  }
  return noise
}

function randomGradients(rng: Rng, count: number): { gradientY: Float64Array; gradientX: Float64Array } {
  const angles = Array.from({ length: DIRECTIONS }, (_, i) => (2 * portableMath.PI * i) / DIRECTIONS)
  const [sines, cosines] = [angles.map(portableMath.sin), angles.map(portableMath.cos)]
  const [gradientY, gradientX] = [new Float64Array(count), new Float64Array(count)]
  for (let i = 0; i < count; i++) {
    const direction = Math.floor(rng() * DIRECTIONS)
    gradientY[i] = sines[direction] as number
    gradientX[i] = cosines[direction] as number
  }
  return { gradientY, gradientX }
}
