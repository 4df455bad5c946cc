import { openKernel } from '../open-kernel.ts'
import { CO_MOMENTS_KERNEL } from './co-moments-kernel.generated.ts'
import { coMomentsReference } from './co-moments-reference.ts'

/**
 * Merges vectors [D] of one position into the means [D] and the packed lower triangle [D (D + 1) / 2] of the co-moments of `before`
 * earlier ones, block by block (Chan, Golub and LeVeque 1979). The vectors of a block are centred on their mean in float64;
 * products are summed over a block in float32, and blocks in float64.
 */
export type CoMoments = (
  vectors: readonly Float32Array[],
  before: number,
  means: Float64Array,
  moments: Float64Array,
) => void

interface CoMomentsKernel {
  merge(
    rows: number,
    count: number,
    width: number,
    dimension: number,
    before: number,
    means: number,
    moments: number,
    sums: number,
  ): void
}

/**
 * Prepares the merging of vectors of one dimension.
 * @param size the number of vectors per block; the last block may have fewer
 * @param typescript run in plain TypeScript even if WebAssembly is available; the bits are the same
 * @example
 * ```ts
 * import { coMomentsOf } from '@tab/kernels'
 * const merge = await coMomentsOf(2, 64)
 * const [means, moments] = [new Float64Array(2), new Float64Array(3)]
 * merge([Float32Array.of(1, 2), Float32Array.of(3, 6)], 0, means, moments)
 * console.log(means, moments) // Float64Array(2) [ 2, 4 ] Float64Array(3) [ 2, 4, 8 ]
 * ```
 */
export async function coMomentsOf(dimension: number, size: number, typescript = false): Promise<CoMoments> {
  const width = Math.ceil(dimension / 8) * 8
  const triangle = (dimension * (dimension + 1)) / 2
  const bytes = [4 * (size + 1) * width, 8 * width, 8 * triangle, 4 * width * width]
  const kernel = typescript ? undefined : await openKernel<CoMomentsKernel>(CO_MOMENTS_KERNEL, bytes)
  if (!kernel) return coMomentsReference(dimension, size)
  const { exports, buffer } = kernel
  const [rows, centre, triangles, sums] = kernel.places as [number, number, number, number]
  const block = new Float32Array(buffer, rows, (size + 1) * width)
  const running = new Float64Array(buffer, centre, dimension)
  const products = new Float64Array(buffer, triangles, triangle)
  return (vectors, before, means, moments) => {
    running.set(means)
    products.set(moments)
    for (let start = 0; start < vectors.length; start += size) {
      const count = Math.min(size, vectors.length - start)
      for (let row = 0; row < count; row++) block.set(vectors[start + row] as Float32Array, row * width)
      exports.merge(rows, count, width, dimension, before + start, centre, triangles, sums)
    }
    means.set(running)
    moments.set(products)
  }
}
