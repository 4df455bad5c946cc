import type { Backend } from '../backend.ts'
import { createLifetime } from '../lifetime.ts'
import { gaussianScorer } from './gaussian-scorer.ts'
import { matmul } from './matmul.ts'
import { searchIndex } from './search-index.ts'

/** The definition of every backend operation, in plain TypeScript with float64 sums: right first, slow, runs anywhere. */
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
