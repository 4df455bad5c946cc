import { randomUniform } from '@tab/core'
import { edge, noiseSeed, type PartFactory, smoothstep } from './surface.ts'
import { fractalNoise, latticeValue } from './value-noise.ts'

const [PITCH, ROW] = [0.112, 0.097] // rows are √3/2 of a pitch apart

/** A punched aluminium sheet: staggered round holes with a bright drawn-in rim on a faintly rolled ground. */
export const perforatedMetal: PartFactory = (rng, pixel) => {
  const seed = noiseSeed(rng)
  const tone = randomUniform(rng, 0.6, 0.66)
  const hole = randomUniform(rng, 0.0315, 0.034)
  const [offX, offY] = [randomUniform(rng, 0, PITCH), randomUniform(rng, 0, 2 * ROW)]
  return {
    texture: true,
    ground: [0.055, 0.05, 0.05],
    maximumTurn: 0.14,
    maximumShift: 0,
    clearance: 0.011,
    surface(x, y, point) {
      const row = Math.floor((y + offY) / ROW)
      let gap = 1
      for (let near = row; near <= row + 1; near++) {
        const along = (x + offX) / PITCH - (near & 1) / 2
        const column = Math.floor(along + 0.5)
        const wander = 0.003 * (latticeValue(column, near, seed) - 0.5)
        const size = hole + 0.0025 * (latticeValue(column, near, seed + 1) - 0.5)
        const [dx, dy] = [(along - column) * PITCH + wander, y + offY - near * ROW]
        gap = Math.min(gap, Math.sqrt(dx * dx + dy * dy) - size)
      }
      point.coverage = 1 - edge(gap, pixel)
      const rolled = fractalNoise(x * 5, y * 90, seed + 3, 2) - 0.5
      point.height = 0.02 - 0.011 * smoothstep(0.013, -0.002, gap) + 0.0016 * rolled
      const cloud = fractalNoise(x * 4, y * 4, seed + 6, 3) - 0.5
      const shade = tone + 0.05 * rolled + 0.1 * cloud
      point.red = shade * 0.99
      point.green = shade
      point.blue = shade * 1.015
      point.gloss = 0.35
    },
  }
}
