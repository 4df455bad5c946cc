import { randomUniform, TabError, type Rng } from '@tab/core'
import type { Part, SurfacePoint } from './surface.ts'

const PLACE_TRIES = 400
const CLEARANCE = 0.035

/** A random place well inside the part. */
export function placeOn(part: Part, rng: Rng): [number, number] {
  return place(rng, (x, y) => coverageAround(part, x, y, part.clearance ?? CLEARANCE) === 1)
}

/** A random place on the border of the part; anywhere on a texture, which has no border. */
export function placeAtEdge(part: Part, rng: Rng): [number, number] {
  if (part.texture) return place(rng, () => true)
  return place(rng, (x, y) => {
    const around = coverageAround(part, x, y, 0.02)
    return around > 0.3 && around < 0.8
  })
}

function place(rng: Rng, fits: (x: number, y: number) => boolean): [number, number] {
  for (let attempt = 0; attempt < PLACE_TRIES; attempt++) {
    const [x, y] = [randomUniform(rng, -0.38, 0.38), randomUniform(rng, -0.38, 0.38)]
    if (fits(x, y)) return [x, y]
  }
  throw new TabError('UNDEFINED_RESULT', { where: 'syntheticParts', message: 'no place for a defect on this part' })
}

/** Mean coverage at a place and eight around it. */
function coverageAround({ surface }: Part, x: number, y: number, reach: number): number {
  const point: SurfacePoint = { coverage: 0, height: 0, red: 0, green: 0, blue: 0, gloss: 0 }
  let sum = 0
  for (const dx of [-reach, 0, reach]) {
    for (const dy of [-reach, 0, reach]) {
      surface(x + dx, y + dy, point)
      sum += point.coverage > 0.3 ? 1 : 0
    }
  }
  return sum / 9
}
