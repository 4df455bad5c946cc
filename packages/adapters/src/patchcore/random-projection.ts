import { randomNormal, tensor, type Backend, type Rng, type Tensor } from '@tab/core'

const BLOCK_ROWS = 16384

/** Projects rows [N,D] to [N, min(D, dimension)]. */
export type Projection = (rows: Tensor) => Promise<Tensor>

/**
 * Draws a Gaussian matrix of variance 1 / dimension, which nearly preserves distances (Johnson & Lindenstrauss 1984). Rows that are
 * short enough stay as they are.
 * @param width D of the rows
 */
export function randomProjection(backend: Backend, width: number, dimension: number, rng: Rng): Projection {
  if (dimension >= width) return async (rows) => rows
  const scale = Math.sqrt(1 / dimension)
  const matrix = tensor(
    [width, dimension],
    Float32Array.from({ length: width * dimension }, () => scale * randomNormal(rng)),
  )
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
