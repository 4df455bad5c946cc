import { portableMath, randomUniform } from '@tab/core'
import { noiseSeed, type PartFactory } from './surface.ts'
import { fractalNoise, valueNoise } from './value-noise.ts'

const [CELLS, CELL] = [16, 0.085] // the cells are a power of two, for the mask; the pattern of strands repeats after a little more than a picture

interface Strand {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  readonly half: number
  readonly breadth: number
  readonly level: number
  readonly tone: number
  readonly hue: number
}

/** Pressed strand board: flat wooden strands in all directions, one over the other, with resin in the gaps. */
export const particleBoard: PartFactory = (rng, pixel) => {
  const seed = noiseSeed(rng)
  const tone = randomUniform(rng, 0.95, 1.05)
  const strands = Array.from({ length: CELLS * CELLS }, (): Strand => {
    const angle = randomUniform(rng, 0, portableMath.PI)
    return {
      x: rng() * CELL,
      y: rng() * CELL,
      dx: portableMath.cos(angle),
      dy: portableMath.sin(angle),
      half: randomUniform(rng, 0.06, 0.15),
      breadth: randomUniform(rng, 0.022, 0.05),
      level: rng(),
      tone: randomUniform(rng, 0.9, 1.1),
      hue: randomUniform(rng, -0.05, 0.05),
    }
  })
  return {
    texture: true,
    ground: [0.06, 0.045, 0.03],
    maximumTurn: 3.1,
    maximumShift: 0,
    surface(x, y, point) {
      const [column, row] = [Math.floor(x / CELL), Math.floor(y / CELL)]
      let [top, cover, grainX, grainY] = [-1, 0, 0, 0]
      let strand: Strand | undefined
      for (let r = row - 2; r <= row + 2; r++) {
        const line = (r & (CELLS - 1)) * CELLS
        for (let c = column - 2; c <= column + 2; c++) {
          const candidate = strands[line + (c & (CELLS - 1))] as Strand
          if (candidate.level < top) continue
          const [px, py] = [x - c * CELL - candidate.x, y - r * CELL - candidate.y]
          const along = px * candidate.dx + py * candidate.dy
          const across = py * candidate.dx - px * candidate.dy
          const inside = Math.min(candidate.half - Math.abs(along), candidate.breadth - Math.abs(across))
          if (inside <= 0) continue
          top = candidate.level
          strand = candidate
          cover = inside
          grainX = along
          grainY = across
        }
      }
      point.coverage = 1
      point.gloss = 0.04
      const dust = fractalNoise(x * 50, y * 50, seed, 2) - 0.5
      const [level, bright, hue] = strand === undefined ? [0, 0.52, -0.04] : [strand.level, strand.tone, strand.hue]
      const rim = Math.min(1, cover / (1.5 * pixel + 0.003))
      const grain = valueNoise(grainX * 22 + level * 90, grainY * 190, seed + 4) - 0.5
      point.height = 0.0035 * level + 0.0015 * rim + 0.0009 * grain
      const shade = tone * bright * (0.66 + 0.15 * grain + 0.08 * dust) * (0.8 + 0.2 * rim)
      point.red = shade
      point.green = shade * (0.8 + hue)
      point.blue = shade * (0.56 + 1.4 * hue)
    },
  }
}
