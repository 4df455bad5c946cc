/** cos(nθ) for the direction θ of (x, y), n >= 1, by products alone: what repeats n times around a middle. 1 at (0, 0). */
export function harmonic(x: number, y: number, n: number): number {
  const length = Math.sqrt(x * x + y * y)
  if (length === 0) return 1
  let [real, imaginary] = [1, 0]
  let [baseReal, baseImaginary] = [x / length, y / length]
  for (let rest = n; rest > 0; rest >>= 1) {
    if (rest & 1) {
      const product = real * baseReal - imaginary * baseImaginary
      imaginary = real * baseImaginary + imaginary * baseReal
      real = product
    }
    const squared = baseReal * baseReal - baseImaginary * baseImaginary
    baseImaginary *= 2 * baseReal
    baseReal = squared
  }
  return real
}
