const { floor, imul } = Math // local names: looking up a global is slow in sandboxes such as jest's

/** A number in [0, 1) from a lattice point: the same for the same point and seed, on every platform. */
export function latticeValue(x: number, y: number, seed: number): number {
  let hash = imul(x, 0x27d4eb2f) ^ imul(y, 0x165667b1) ^ seed
  hash = imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = imul(hash ^ (hash >>> 12), 0x297a2d39)
  return ((hash ^ (hash >>> 15)) >>> 0) / 4294967296
}

/** Smooth noise in [0, 1) with one random value per unit square. */
export function valueNoise(x: number, y: number, seed: number): number {
  const [x0, y0] = [floor(x), floor(y)]
  const [fx, fy] = [x - x0, y - y0]
  const [wx, wy] = [fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)]
  const top = latticeValue(x0, y0, seed) * (1 - wx) + latticeValue(x0 + 1, y0, seed) * wx
  const bottom = latticeValue(x0, y0 + 1, seed) * (1 - wx) + latticeValue(x0 + 1, y0 + 1, seed) * wx
  return top * (1 - wy) + bottom * wy
}

/** Noise at several scales, each half the size and half the strength of the previous one; mean 0.5. */
export function fractalNoise(x: number, y: number, seed: number, octaves: number): number {
  let [sum, weight, total, scale] = [0, 1, 0, 1]
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * valueNoise(x * scale, y * scale, seed + octave)
    total += weight
    weight /= 2
    scale *= 2
  }
  return sum / total
}
