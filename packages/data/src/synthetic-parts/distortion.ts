import { portableMath, randomUniform, type Rng } from '@tab/core'
import { placeAtEdge, placeOn } from './place-defect.ts'
import { type DefectFactory, type Part, type SurfacePoint, square } from './surface.ts'

interface Pull {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly dx: number
  readonly dy: number
}

const DRAWS = 6

/** Pulled or pushed out of place: within a spot, pattern and outline are displaced, most in its middle; the surface rises or sinks a little. */
export const distortion: DefectFactory = (part, rng) => {
  // Where a surface is uniform nobody sees that it moved: of a few draws, the one that moves most of the pattern or the outline.
  let best = draw(part, rng)
  let most = movedShare(part, best)
  for (let i = 1; i < DRAWS; i++) {
    const pull = draw(part, rng)
    const share = movedShare(part, pull)
    if (share > most) [best, most] = [pull, share]
  }
  const lift = randomUniform(rng, -0.004, 0.004)
  return (x, y, point) => {
    const amount = strength(best, x, y)
    part.surface(x + amount * best.dx, y + amount * best.dy, point)
    point.height += lift * amount
  }
}

function draw(part: Part, rng: Rng): Pull {
  const [x, y] = !part.texture && rng() < 0.5 ? placeAtEdge(part, rng) : placeOn(part, rng)
  const radius = randomUniform(rng, 0.09, 0.14)
  const angle = randomUniform(rng, 0, 2 * portableMath.PI)
  const length = radius * randomUniform(rng, 0.36, 0.55) // below 0.64 of the radius, so that nothing folds over
  return { x, y, radius, dx: length * portableMath.cos(angle), dy: length * portableMath.sin(angle) }
}

function strength({ x: cx, y: cy, radius }: Pull, x: number, y: number): number {
  const r = (square(x - cx) + square(y - cy)) / square(radius)
  return r < 1 ? square(1 - r) : 0
}

/** Share of the points around the middle that change by more than a grain does. */
function movedShare(part: Part, pull: Pull): number {
  const before: SurfacePoint = { coverage: 0, height: 0, red: 0, green: 0, blue: 0, gloss: 0 }
  const after = { ...before }
  let moved = 0
  for (let row = -3; row <= 3; row++) {
    for (let column = -3; column <= 3; column++) {
      const [x, y] = [pull.x + (column * pull.radius) / 5, pull.y + (row * pull.radius) / 5]
      const amount = strength(pull, x, y)
      part.surface(x, y, before)
      part.surface(x + amount * pull.dx, y + amount * pull.dy, after)
      const colour = Math.max(
        Math.abs(after.red - before.red),
        Math.abs(after.green - before.green),
        Math.abs(after.blue - before.blue),
      )
      const outline = Math.abs(after.coverage - before.coverage)
      if (Math.max(outline, colour * Math.min(after.coverage, before.coverage)) > 0.14) moved++
    }
  }
  return moved / 49
}
