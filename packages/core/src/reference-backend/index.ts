import type { Backend } from '../backend.ts'
import { createLifetime } from '../lifetime.ts'
import { gaussianScorer } from './gaussian-scorer.ts'
import { matmul } from './matmul.ts'
import { searchIndex } from './search-index.ts'

/**
 * The reference for every backend operation, in plain TypeScript with float64 sums: slow, but correct and portable.
 * @example
 * ```ts
 * import { referenceBackend, tensor } from '@tab/core'
 * const backend = referenceBackend()
 * const index = await backend.searchIndex(tensor([3, 2], Float32Array.of(0, 0, 3, 4, 6, 8)))
 * const { distances, indices } = await index.search(tensor([1, 2], Float32Array.of(0, 0)), 2)
 * console.log(distances.data, indices.data) // Float32Array(2) [ 0, 5 ] Int32Array(2) [ 0, 1 ]
 * backend.dispose()
 * ```
 */
export function referenceBackend(): Backend {
  const lifetime = createLifetime('referenceBackend')
  return {
    name: 'reference',
    async matmul(a, b, options) {
      lifetime.check('matmul')
      return matmul(a, b, options)
    },
    async searchIndex(bank) {
      lifetime.check('searchIndex')
      return lifetime.own('searchIndex', searchIndex(bank))
    },
    async gaussianScorer(mean, covariance) {
      lifetime.check('gaussianScorer')
      return lifetime.own('gaussianScorer', gaussianScorer(mean, covariance))
    },
    dispose: () => void lifetime.end(),
  }
}
