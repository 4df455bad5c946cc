import { randomNormal, tensor, type Backend, type Rng, type Tensor } from '@tab/core'

const BLOCK_ROWS = 16384

/**
 * Projects rows [N,D] to fewer dimensions by a Gaussian matrix of variance 1 / dimension, which keeps distances nearly
 * (Johnson & Lindenstrauss 1984); rows that are short enough stay as they are.
 * @returns [N, min(D, dimension)]
 */
export async function randomProjection(backend: Backend, rows: Tensor, dimension: number, rng: Rng): Promise<Tensor> {
  const [count, width] = rows.shape as [number, number]
  if (dimension >= width) return rows
  const scale = Math.sqrt(1 / dimension)
  const matrix = tensor(
    [width, dimension],
    Float32Array.from({ length: width * dimension }, () => scale * randomNormal(rng)),
  )
  const projected = new Float32Array(count * dimension)
  for (let start = 0; start < count; start += BLOCK_ROWS) {
    const end = Math.min(count, start + BLOCK_ROWS)
    const block = tensor([end - start, width], rows.data.subarray(start * width, end * width))
    projected.set((await backend.matmul(block, matrix)).data, start * dimension)
  }
  return tensor([count, dimension], projected)
}
