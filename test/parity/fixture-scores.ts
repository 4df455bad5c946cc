import { createRng, tensor, type Tensor } from '@tab/core'
import type { Inspector } from '@tab/pipeline'
import { meansOfBlocks } from '../../packages/pipeline/src/parity/block-means.ts'

/** The detectors kept of each version, by the names of their files. */
export const KEPT = ['patchcore', 'padim', 'subspace'] as const

/** What an inspector says of a picture: its score, and the means of its map over 4 x 4 blocks. */
export interface KeptScore {
  readonly score: number
  readonly map: readonly number[]
}

/** Pictures of noise with a bright square, which nothing but the generator of random numbers decides. */
function pictures(): Tensor[] {
  return [1, 2].map((seed) => {
    const rng = createRng(seed)
    const levels = Float32Array.from({ length: 64 * 64 * 3 }, () => Math.floor(256 * rng()) / 255)
    for (let y = 8; y < 20; y++) levels.fill(1, (y * 64 + 12 * seed) * 3, (y * 64 + 12 * seed + 16) * 3)
    return tensor([64, 64, 3], levels)
  })
}

export async function scoresOf(inspector: Inspector<Tensor>): Promise<KeptScore[]> {
  const found: KeptScore[] = []
  for (const picture of pictures()) {
    const result = await inspector.inspect(picture)
    if (result.verdict === 'not-judged') throw new Error(result.reason)
    found.push({ score: result.score, map: meansOfBlocks(result.map) })
  }
  return found
}
