import { portableMath, randomUniform, type Rng } from '@tab/core'
import { placeAtEdge, placeOn } from './place-defect.ts'
import { type DefectFactory, type Part, type SurfacePoint, square } from './surface.ts'

/** A straight step of a crack, from a point in a direction of length 1; the half-width goes from `from` to `to`. */
interface Step {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  readonly from: number
  readonly to: number
}

const STEP = 0.018
const DRAWS = 6

/**
 * A fracture: a thin dark line in short straight steps, often from an edge inwards, with a branch or two, that closes towards its tips.
 * In clear material it glints.
 */
export const crack: DefectFactory = (part, rng, pixel) => {
  const depth = randomUniform(rng, 0.6, 0.85)
  const width = Math.max(0.75 * pixel, randomUniform(rng, 0.0035, 0.0055))
  let steps = draw(part, rng, width)
  for (let i = 1; i < DRAWS && shareOn(part, steps) < 0.8; i++) steps = draw(part, rng, width)
  const reach = STEP + 2 * width
  const ink = part.clear === true ? 0.85 : 0
  return (x, y, point) => {
    part.surface(x, y, point)
    let gap = 0
    for (const step of steps) {
      const [px, py] = [x - step.x, y - step.y]
      if (Math.abs(px) > reach || Math.abs(py) > reach) continue
      const along = Math.min(STEP, Math.max(0, px * step.dx + py * step.dy))
      const distance = Math.sqrt(square(px - along * step.dx) + square(py - along * step.dy))
      const local = step.from + (along / STEP) * (step.to - step.from)
      const open = Math.min(1, local / width + 0.2)
      gap = Math.max(gap, open * Math.max(0, 1 - square(distance / (0.3 * width + 0.75 * local))))
    }
    point.height -= 0.009 * gap
    point.red += depth * gap * (ink - point.red)
    point.green += depth * gap * (ink - point.green)
    point.blue += depth * gap * (ink - point.blue)
    point.gloss *= 1 - gap
  }
}

function draw(part: Part, rng: Rng, width: number): Step[] {
  const fromEdge = !part.texture && rng() < 0.5
  const [x, y] = fromEdge ? placeAtEdge(part, rng) : placeOn(part, rng)
  const inwards = Math.sqrt(x * x + y * y)
  const turn = randomUniform(rng, fromEdge ? -0.6 : -portableMath.PI, fromEdge ? 0.6 : portableMath.PI)
  const heading = turned(inwards > 0 ? [-x / inwards, -y / inwards] : [1, 0], turn)
  const steps = walk(rng, [x, y], heading, width, Math.round(randomUniform(rng, 11, 22)))
  const branches = rng() < 0.4 ? 2 : 1
  for (let branch = 0; branch < branches; branch++) {
    const root = steps[Math.floor(randomUniform(rng, 2, 7))] as Step
    const fork = (rng() < 0.5 ? -1 : 1) * randomUniform(rng, 0.5, 0.8)
    const path = turned([root.dx, root.dy], fork)
    steps.push(...walk(rng, [root.x, root.y], path, 0.8 * root.from, Math.round(randomUniform(rng, 4, 8))))
  }
  return steps
}

/** Steps with a random change of direction each; the width shrinks to a third at the tip. */
function walk(rng: Rng, start: [number, number], heading: [number, number], width: number, count: number): Step[] {
  const steps: Step[] = []
  let [x, y] = start
  let [dx, dy] = heading
  for (let i = 0; i < count; i++) {
    const [from, to] = [width * (1 - (0.65 * i) / count), width * (1 - (0.65 * (i + 1)) / count)]
    steps.push({ x, y, dx, dy, from, to })
    x += STEP * dx
    y += STEP * dy
    ;[dx, dy] = turned([dx, dy], randomUniform(rng, -0.65, 0.65))
  }
  return steps
}

function turned([dx, dy]: [number, number], angle: number): [number, number] {
  const [cosine, sine] = [portableMath.cos(angle), portableMath.sin(angle)]
  return [dx * cosine - dy * sine, dx * sine + dy * cosine]
}

/** Share of the steps that start on the part. */
function shareOn(part: Part, steps: readonly Step[]): number {
  const point: SurfacePoint = { coverage: 0, height: 0, red: 0, green: 0, blue: 0, gloss: 0 }
  let on = 0
  for (const { x, y } of steps) {
    part.surface(x, y, point)
    if (point.coverage > 0.5) on++
  }
  return on / steps.length
}
