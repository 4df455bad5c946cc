import { randomNormal, tensor, type Backend, type Rng, type Tensor } from '@tab/core'

const BLOCK_ROWS = 16384
const UNIFORMS_PER_NORMAL = 2

/** Projects rows [N,D] to [N, min(D, dimension)]. */
export type Projection = (rows: Tensor) => Promise<Tensor>

/** Draws a Gaussian matrix [width, dimension] of variance 1 / dimension. */
export type DrawMatrix = (width: number, dimension: number, rng: Rng) => Tensor

/**
 * Keeps the last matrix, for fits that each begin with a generator of the same seed. These still take from it what a new matrix takes, so that
 * what they draw next does not depend on earlier fits.
 */
export function rememberedMatrix(): DrawMatrix {
  let last: Tensor | undefined
  return (width, dimension, rng) => {
    if (last?.shape[0] === width && last.shape[1] === dimension) {
      for (let drawn = 0; drawn < width * dimension * UNIFORMS_PER_NORMAL; drawn++) rng()
      return last
    }
    const scale = Math.sqrt(1 / dimension)
    const values = Float32Array.from({ length: width * dimension }, () => scale * randomNormal(rng))
    last = tensor([width, dimension], values)
    return last
  }
}

/**
 * Projects by a Gaussian matrix, which nearly preserves distances (Johnson & Lindenstrauss 1984). Rows that are short enough stay as they are.
 * @param width D of the rows
 */
export function randomProjection(
  backend: Backend,
  width: number,
  dimension: number,
  rng: Rng,
  draw: DrawMatrix,
): Projection {
  if (dimension >= width) return async (rows) => rows
  const matrix = draw(width, dimension, rng)
  return async (rows) => {
    const count = rows.shape[0] as number
    const projected = new Float32Array(count * dimension)
    for (let start = 0; start < count; start += BLOCK_ROWS) {
      const end = Math.min(count, start + BLOCK_ROWS)
      const block = tensor([end - start, width], rows.data.subarray(start * width, end * width))
      projected.set((await backend.matmul(block, matrix)).data, start * dimension)
    }
    return tensor([count, dimension], projected)
  }
}
