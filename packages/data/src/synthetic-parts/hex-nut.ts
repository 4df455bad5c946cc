import { randomUniform } from '@tab/core'
import { boxDistance, edge, noiseSeed, smoothstep, type PartFactory } from './surface.ts'
import { fractalNoise, valueNoise } from './value-noise.ts'

/** A yellow zinc-plated nut: a hexagon with a turned chamfer, a countersunk thread, and stamped marks on one side. */
export const hexNut: PartFactory = (rng, pixel) => {
  const apothem = randomUniform(rng, 0.318, 0.326)
  const bore = randomUniform(rng, 0.148, 0.154)
  const seed = noiseSeed(rng)
  const tone = randomUniform(rng, 0.5, 0.57)
  const [offX, offY] = [randomUniform(rng, -0.004, 0.004), randomUniform(rng, -0.004, 0.004)] // a thread is never quite in the middle
  return {
    texture: false,
    ground: [0.34, 0.37, 0.4],
    maximumTurn: 3.1,
    maximumShift: 0.03,
    clearance: 0.03,
    surface(x, y, point) {
      const hexagon = Math.max(Math.abs(x), Math.abs(x) / 2 + Math.abs(y) * 0.8660254037844386) - apothem
      const radius = Math.sqrt(x * x + y * y)
      const [tx, ty] = [x - offX, y - offY]
      const turned = Math.sqrt(tx * tx + ty * ty)
      point.coverage = edge(Math.max(hexagon, bore - turned), pixel)
      const chamfer = 0.55 * Math.max(0, radius - 0.985 * apothem)
      const inThread = smoothstep(0.026, 0.02, turned - bore)
      const ridge = valueNoise(turned * 130, 0.5, 71) - 0.5
      const sink = 0.02 * smoothstep(0.034, 0, turned - bore) + 0.008 * inThread * ridge
      // Three bars of the maker's mark, struck by hand: never equally deep.
      const mark = Math.min(
        boxDistance(x - 0.23, y + 0.05, 0.011, 0.026, 0.006),
        boxDistance(x - 0.23, y, 0.03, 0.008, 0.006),
        boxDistance(x - 0.23, y - 0.05, 0.011, 0.026, 0.006),
      )
      const struck = smoothstep(0.006, -0.006, mark) * (0.4 + 0.9 * valueNoise(y * 12, 2.5, seed + 3))
      const rolled = 0.0028 * (fractalNoise(x * 34, y * 34, seed, 3) - 0.5)
      point.height = 0.045 - 0.016 * smoothstep(-0.014, 0, hexagon) - chamfer - sink - 0.007 * struck + rolled
      const blotch = fractalNoise(x * 5, y * 5, seed + 9, 3) - 0.5 // the hue of the plating drifts
      const shade =
        tone * (1 - 0.4 * inThread * (0.5 - ridge)) +
        0.06 * (fractalNoise(x * 60, y * 60, seed + 5, 2) - 0.5) -
        0.1 * struck
      point.red = shade * (1.12 + 0.22 * blotch)
      point.green = shade * (1.02 - 0.05 * blotch)
      point.blue = shade * (0.66 - 0.3 * blotch)
      point.gloss = 0.42
    },
  }
}
