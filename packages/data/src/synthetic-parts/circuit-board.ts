import { randomUniform } from '@tab/core'
import { printedText } from './print.ts'
import { boxDistance, edge, noiseSeed, smoothstep, type PartFactory, type SurfacePoint } from './surface.ts'
import { fractalNoise } from './value-noise.ts'

const [WIDTH, HEIGHT] = [0.44, 0.36]

/** Copper under the mask: x, y of both ends. */
const TRACES = [
  [-0.36, -0.14, -0.18, -0.14],
  [-0.36, -0.1, -0.2, -0.1],
  [-0.36, -0.06, -0.18, -0.06],
  [-0.36, 0.02, -0.3, 0.08],
  [-0.3, 0.08, -0.3, 0.24],
  [0.06, -0.12, 0.2, -0.12],
  [0.06, -0.08, 0.14, -0.08],
  [0.14, -0.08, 0.22, 0],
  [0.22, 0, 0.34, 0],
  [0.06, -0.04, 0.12, 0.02],
  [0.12, 0.02, 0.12, 0.14],
  [-0.1, 0.03, -0.1, 0.14],
  [-0.1, 0.14, 0.02, 0.26],
  [0.02, 0.26, 0.2, 0.26],
  [0.3, -0.24, 0.3, -0.12],
  [-0.16, -0.26, 0.14, -0.26],
] as const

type Segment = (typeof SEGMENTS)[number]
const REACH = 0.05
const SEGMENTS = TRACES.map(([ax, ay, bx, by]) => ({
  ...{ ax, ay, dx: bx - ax, dy: by - ay },
  ...{ left: Math.min(ax, bx) - REACH, right: Math.max(ax, bx) + REACH },
  ...{ top: Math.min(ay, by) - REACH, bottom: Math.max(ay, by) + REACH },
}))

/** Small chips: middle, lying or standing, resistor (black) or capacitor (tan). */
const CHIPS = [
  [-0.3, 0.26, 1, 0],
  [-0.22, 0.14, 0, 1],
  [-0.22, 0.2, 0, 1],
  [0.12, 0.17, 1, 0],
  [0.2, 0.17, 1, 0],
  [0.24, -0.12, 0, 0],
  [0.24, -0.18, 0, 1],
  [-0.1, 0.19, 1, 1],
] as const

const VIAS = [
  [-0.18, -0.06],
  [0.2, -0.12],
  [0.34, 0],
  [0.02, 0.26],
  [-0.04, 0.14],
  [0.14, -0.26],
  [-0.16, -0.26],
].map(([x, y]) => ({ x, y }) as { x: number; y: number })

/** An assembled board: green mask over copper, an integrated circuit, chips that are placed and soldered by hand and eye, a row of pads. */
export const circuitBoard: PartFactory = (rng, pixel) => {
  const seed = noiseSeed(rng)
  const tone = randomUniform(rng, 0.9, 1.12)
  const jitter = (most: number): number => randomUniform(rng, -most, most)
  const chips = CHIPS.map(([x, y, standing, tan]) => ({
    ...{ x: x + jitter(0.005), y: y + jitter(0.005), standing, tan, skew: jitter(0.12) },
    solder: randomUniform(rng, 0.55, 0.72),
  }))
  const circuit = { x: -0.07 + jitter(0.004), y: -0.08 + jitter(0.004), tone: randomUniform(rng, 0.09, 0.13) }
  const can = { x: 0.31 + jitter(0.005), y: 0.2 + jitter(0.005), tone: randomUniform(rng, 0.58, 0.66) }
  return {
    texture: false,
    ground: [0.42, 0.43, 0.45],
    maximumTurn: 0.05,
    maximumShift: 0.015,
    surface(x, y, point) {
      const outside = boxDistance(x, y, WIDTH, HEIGHT, 0.02)
      const bolt = Math.sqrt((Math.abs(x) - 0.39) * (Math.abs(x) - 0.39) + (Math.abs(y) - 0.31) * (Math.abs(y) - 0.31))
      point.coverage = edge(Math.max(outside, 0.022 - bolt), pixel)

      let trace = 1
      for (const segment of SEGMENTS) {
        if (x < segment.left || x > segment.right || y < segment.top || y > segment.bottom) continue
        trace = Math.min(trace, segmentDistance(x, y, segment))
      }
      const copper = edge(trace - 0.009, pixel)
      const weave = fractalNoise(x * 60, y * 60, seed, 2) - 0.5
      const cloud = fractalNoise(x * 4, y * 4, seed + 3, 2) - 0.5
      const mask = tone * (1 + 0.45 * copper) * (1 + 0.2 * cloud + 0.12 * weave)
      point.red = 0.04 * mask + 0.015 * copper
      point.green = 0.23 * mask
      point.blue = 0.11 * mask
      point.height = 0.012 - 0.008 * smoothstep(-0.008, 0, outside) + 0.002 * copper + 0.0006 * weave
      point.gloss = 0.12

      if (point.coverage === 0) return

      let tin = edge(bolt - 0.042, pixel)
      for (const via of VIAS) {
        const [dx, dy] = [x - via.x, y - via.y]
        if (Math.abs(dx) > 0.04 || Math.abs(dy) > 0.04) continue
        const ring = Math.sqrt(dx * dx + dy * dy)
        tin = Math.max(tin, edge(ring - 0.0165, pixel) * (1 - edge(ring - 0.006, pixel)))
      }
      if (x < -0.3 && y > -0.16 && y < 0.04) {
        tin = Math.max(tin, edge(boxDistance(x + 0.37, ((y + 0.16) % 0.04) - 0.02, 0.026, 0.012, 0.004), pixel))
      }
      cover(point, tin, 0.66, 0.58, 0.36, 0.003, 0.4)
      const silk = Math.max(
        printedText((x + 0.02) / 0.034, (y - 0.19) / 0.034, 21, 4),
        printedText((x + 0.24) / 0.04, (y + 0.32) / 0.04, 22, 12),
      )
      cover(point, 0.9 * silk, 0.78, 0.8, 0.76, 0.001, 0.05)

      for (const chip of chips) {
        const [px, py] = [x - chip.x, y - chip.y]
        if (Math.abs(px) > 0.06 || Math.abs(py) > 0.06) continue
        const [u, v] =
          chip.standing === 1 ? [py - chip.skew * px, px + chip.skew * py] : [px + chip.skew * py, py - chip.skew * px]
        const solder = boxDistance(u, v, 0.04, 0.021, 0.008)
        cover(
          point,
          edge(solder, pixel),
          chip.solder,
          chip.solder,
          chip.solder * 1.02,
          0.009 * smoothstep(0, -0.012, solder),
          0.55,
        )
        const body = edge(boxDistance(u, v, 0.017, 0.017, 0.002), pixel)
        if (chip.tan === 1) cover(point, body, 0.55, 0.42, 0.27, 0.014, 0.1)
        else cover(point, body, 0.1, 0.1, 0.11, 0.012, 0.15)
      }

      const [ix, iy] = [x - circuit.x, y - circuit.y]
      if (Math.abs(ix) < 0.14 && Math.abs(iy) < 0.12) {
        const lead = boxDistance(Math.abs(ix) - 0.112, ((iy + 0.16) % 0.04) - 0.02, 0.022, 0.0095)
        if (Math.abs(iy) < 0.08) cover(point, edge(lead, pixel), 0.62, 0.63, 0.64, 0.006, 0.5)
        const body = boxDistance(ix, iy, 0.095, 0.092, 0.006)
        cover(
          point,
          edge(body, pixel),
          circuit.tone,
          circuit.tone,
          circuit.tone,
          0.022 * smoothstep(0.004, -0.012, body),
          0.12,
        )
        cover(
          point,
          edge(Math.sqrt((ix + 0.07) * (ix + 0.07) + (iy + 0.067) * (iy + 0.067)) - 0.011, pixel),
          0.2,
          0.2,
          0.2,
          -0.003,
          0,
        )
        const marking = printedText((ix + 0.062) / 0.034, (iy + 0.01) / 0.034, 23, 4)
        cover(point, 0.7 * marking, 0.42, 0.42, 0.4, 0, 0.05)
      }

      const [kx, ky] = [x - can.x, y - can.y]
      const ring = Math.sqrt(kx * kx + ky * ky) - 0.075
      const dome = 0.03 * smoothstep(0, -0.02, ring)
      cover(point, edge(ring, pixel), can.tone, can.tone, can.tone * 1.02, dome, 0.45)
      cover(point, edge(Math.max(ring + 0.012, kx + 0.025), pixel), 0.06, 0.07, 0.1, 0, 0.1)
    },
  }
}

/** Lays a material over what is there, `amount` of it; `lift` adds to the height. */
function cover(
  point: SurfacePoint,
  amount: number,
  red: number,
  green: number,
  blue: number,
  lift: number,
  gloss: number,
): void {
  if (amount === 0) return
  point.red += amount * (red - point.red)
  point.green += amount * (green - point.green)
  point.blue += amount * (blue - point.blue)
  point.gloss += amount * (gloss - point.gloss)
  point.height += amount * lift
}

function segmentDistance(x: number, y: number, { ax, ay, dx, dy }: Segment): number {
  const [px, py] = [x - ax, y - ay]
  const t = Math.min(1, Math.max(0, (px * dx + py * dy) / (dx * dx + dy * dy)))
  const [qx, qy] = [px - t * dx, py - t * dy]
  return Math.sqrt(qx * qx + qy * qy)
}
