import { describe, expect, test } from '@jest/globals'
import { referenceBackend, tensor } from '@tab/core'
import { describeBackend } from '@tab/core/testing'

describeBackend('reference', { create: referenceBackend, runner: { describe, test } })

describe('reference backend, by hand', () => {
  test('matmul of two small matrices', async () => {
    const a = tensor([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))
    const b = tensor([3, 2], Float32Array.of(7, 8, 9, 10, 11, 12))
    const bTransposed = tensor([2, 3], Float32Array.of(7, 9, 11, 8, 10, 12))
    const backend = referenceBackend()
    expect([...(await backend.matmul(a, b)).data]).toEqual([58, 64, 139, 154])
    expect([...(await backend.matmul(a, bTransposed, { transposeB: true })).data]).toEqual([58, 64, 139, 154])
  })

  test('the 3-4-5 triangle', async () => {
    const index = await referenceBackend().searchIndex(tensor([2, 2], Float32Array.of(100, 0, 3, 4)))
    const { distances, indices } = await index.search(tensor([1, 2], Float32Array.of(0, 0)), 2)
    expect([...distances.data]).toEqual([5, 100])
    expect([...indices.data]).toEqual([1, 0])
  })

  test('a diagonal covariance divides by the standard deviations', async () => {
    const covariance = tensor([1, 2, 2], Float32Array.of(4, 0, 0, 9))
    const scorer = await referenceBackend().gaussianScorer(tensor([1, 2], Float32Array.of(1, 1)), covariance)
    // ((7-1)/2, (13-1)/3) = (3, 4)
    expect([...(await scorer.score(tensor([1, 1, 2], Float32Array.of(7, 13)))).data]).toEqual([5])
  })
})
