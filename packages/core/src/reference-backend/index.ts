import type { Backend } from '../backend.ts'
import { gaussianScorer } from './gaussian-scorer.ts'
import { matmul } from './matmul.ts'
import { searchIndex } from './search-index.ts'

/** The definition of every backend operation, in plain TypeScript with float64 sums: right first, slow, runs anywhere. */
export function referenceBackend(): Backend {
  return {
    name: 'reference',
    matmul: async (a, b, options) => matmul(a, b, options),
    searchIndex: async (bank) => searchIndex(bank),
    gaussianScorer: async (mean, covariance) => gaussianScorer(mean, covariance),
  }
}
