import type { Backend, LowRankCovariance } from '../backend.ts'
import { referenceBackend } from '../reference-backend/index.ts'
import { tensor, type Tensor } from '../tensor.ts'
import { ensure, ensureClose, ensureIdentical, ensureRefused } from './assertions.ts'
import { randomTensor } from './random-tensor.ts'
import { resolveRunner, type TestRunner } from './runner.ts'

export interface BackendSuiteOptions {
  readonly create: () => Backend | Promise<Backend>
  readonly runner?: TestRunner
}

/** Random symmetric positive definite matrices [positions, dimension, dimension]: A A^T / dimension + 0.1 I. */
function randomCovariance(seed: string, positions: number, dimension: number): Tensor {
  const factor = randomTensor(seed, [positions, dimension, dimension], -1, 1).data
  const covariance = new Float32Array(factor.length)
  for (let position = 0; position < positions; position++) {
    const base = position * dimension * dimension
    for (let i = 0; i < dimension; i++) {
      for (let j = 0; j < dimension; j++) {
        let sum = i === j ? 0.1 : 0
        for (let k = 0; k < dimension; k++) {
          sum +=
            ((factor[base + i * dimension + k] as number) * (factor[base + j * dimension + k] as number)) / dimension
        }
        covariance[base + i * dimension + j] = sum
      }
    }
  }
  return tensor([positions, dimension, dimension], covariance)
}

/** The matrices [P,D,D] of a low-rank form. */
function writtenOut({ diagonal, factors }: LowRankCovariance): Tensor {
  const [positions, rank, dimension] = factors.shape as [number, number, number]
  const covariance = new Float32Array(positions * dimension * dimension)
  for (let at = 0; at < covariance.length; at++) {
    const position = Math.floor(at / (dimension * dimension))
    const [i, j] = [Math.floor(at / dimension) % dimension, at % dimension]
    let sum = i === j ? diagonal : 0
    for (let row = position * rank; row < (position + 1) * rank; row++) {
      sum += (factors.data[row * dimension + i] as number) * (factors.data[row * dimension + j] as number)
    }
    covariance[at] = sum
  }
  return tensor([positions, dimension, dimension], covariance)
}

/**
 * The contract of {@link Backend}: every operation against the reference, edge shapes, refusals, disposal.
 * @example
 * ```ts no-run: needs a test runner
 * import { describe, test } from 'node:test'
 * import { referenceBackend } from '@tab/core'
 * import { describeBackend } from '@tab/core/testing'
 * describeBackend('mine', { create: referenceBackend, runner: { describe, test } })
 * ```
 */
export function describeBackend(name: string, { create, runner }: BackendSuiteOptions): void {
  const { describe, test } = resolveRunner(runner)
  const reference = referenceBackend()

  describe(`Backend contract: ${name}`, () => {
    for (const [rows, inner, columns] of [
      [1, 1, 1],
      [3, 5, 2],
      [17, 64, 33],
      [2, 1, 9],
    ] as const) {
      test(`matmul [${rows},${inner}] x [${inner},${columns}] equals the reference, plain and transposed`, async () => {
        const backend = await create()
        const a = randomTensor(`a${rows}`, [rows, inner], -1, 1)
        const b = randomTensor(`b${columns}`, [inner, columns], -1, 1)
        const t = randomTensor(`t${columns}`, [columns, inner], -1, 1)
        ensureClose('product', await backend.matmul(a, b), await reference.matmul(a, b))
        const transposeB = { transposeB: true }
        ensureClose('transposed', await backend.matmul(a, t, transposeB), await reference.matmul(a, t, transposeB))
      })
    }

    test('matmul refuses matrices that do not fit', async () => {
      const backend = await create()
      const a = randomTensor('a', [2, 3])
      await ensureRefused('inner dimensions', 'INVALID_ARGUMENT', () => backend.matmul(a, randomTensor('b', [2, 3])))
      await ensureRefused('rank', 'INVALID_ARGUMENT', () => backend.matmul(a, randomTensor('b', [3])))
    })

    for (const [size, dimension, queries, k] of [
      [1, 1, 1, 1],
      [7, 3, 5, 7],
      [1500, 24, 40, 3],
      [40, 130, 3, 9],
    ] as const) {
      test(`search of ${queries} queries in ${size} x ${dimension}, k = ${k}, equals the reference`, async () => {
        const backend = await create()
        const bank = randomTensor(`bank${size}`, [size, dimension], -2, 2)
        const wanted = await (
          await reference.searchIndex(bank)
        ).search(randomTensor('q', [queries, dimension], -2, 2), k)
        const index = await backend.searchIndex(bank)
        const found = await index.search(randomTensor('q', [queries, dimension], -2, 2), k)
        ensure(index.size === size && index.dimension === dimension, `size ${index.size}, dimension ${index.dimension}`)
        ensureClose('distances', found.distances, wanted.distances)
        ensureIdentical('indices', found.indices, wanted.indices)
        index.dispose()
      })
    }

    test('a vector of the bank is found at distance 0, also far from the origin', async () => {
      const bank = randomTensor('far', [600, 16], 99, 101)
      const index = await (await create()).searchIndex(bank)
      const queries = tensor([3, 16], bank.data.slice(5 * 16, 8 * 16))
      const { distances, indices } = await index.search(queries, 1)
      ensureIdentical('distances', distances, tensor([3, 1], new Float32Array(3)))
      ensure([...indices.data].join() === '5,6,7', `indices: expected 5,6,7, got ${[...indices.data].join()}`)
      index.dispose()
    })

    test('the lower row comes first among equal vectors', async () => {
      const index = await (await create()).searchIndex(tensor([4, 2], Float32Array.of(9, 9, 1, 2, 1, 2, 1, 2)))
      const { indices } = await index.search(tensor([1, 2], Float32Array.of(1, 2)), 3)
      ensure([...indices.data].join() === '1,2,3', `indices: expected 1,2,3, got ${[...indices.data].join()}`)
      index.dispose()
    })

    test('no queries give no neighbours', async () => {
      const index = await (await create()).searchIndex(randomTensor('bank', [4, 3]))
      const { distances, indices } = await index.search(tensor([0, 3], new Float32Array(0)), 2)
      ensure(distances.shape.join() === '0,2' && indices.shape.join() === '0,2', `shape ${distances.shape.join()}`)
      index.dispose()
    })

    test('search refuses an empty bank, another dimension, k out of range, and use after disposal', async () => {
      const backend = await create()
      const empty = tensor([0, 3], new Float32Array(0))
      await ensureRefused('empty bank', 'INVALID_ARGUMENT', () => backend.searchIndex(empty))
      const index = await backend.searchIndex(randomTensor('bank', [4, 3]))
      const query = randomTensor('query', [1, 3])
      await ensureRefused('dimension', 'INVALID_ARGUMENT', () => index.search(randomTensor('query', [1, 2]), 1))
      for (const k of [0, 5, 1.5]) await ensureRefused(`k = ${k}`, 'INVALID_ARGUMENT', () => index.search(query, k))
      index.dispose()
      index.dispose()
      await ensureRefused('disposed', 'DISPOSED', () => index.search(query, 1))
    })

    for (const [count, positions, dimension] of [
      [1, 1, 1],
      [3, 6, 4],
      [2, 5, 40],
    ] as const) {
      test(`Gaussian scores of ${count} x ${positions} x ${dimension} equal the reference`, async () => {
        const backend = await create()
        const mean = randomTensor('mean', [positions, dimension], -1, 1)
        const covariance = randomCovariance('covariance', positions, dimension)
        const vectors = randomTensor('vectors', [count, positions, dimension], -1, 1)
        const wanted = await (await reference.gaussianScorer(mean, covariance)).score(vectors)
        const scorer = await backend.gaussianScorer(mean, covariance)
        ensure(scorer.positions === positions && scorer.dimension === dimension, 'positions and dimension are reported')
        ensureClose('scores', await scorer.score(vectors), wanted, { relative: 2e-4 })
        scorer.dispose()
      })
    }

    for (const [count, positions, dimension, rank] of [
      [1, 1, 1, 1],
      [3, 6, 40, 4],
      [2, 5, 9, 7],
      [2, 4, 3, 5],
    ] as const) {
      test(`a covariance of rank ${rank} in ${dimension} dimensions scores as the same matrix written out`, async () => {
        const backend = await create()
        const mean = randomTensor('mean', [positions, dimension], -1, 1)
        const lowRank = { diagonal: 0.01, factors: randomTensor('factors', [positions, rank, dimension], -1, 1) }
        const vectors = randomTensor('vectors', [count, positions, dimension], -1, 1)
        const wanted = await (await reference.gaussianScorer(mean, writtenOut(lowRank))).score(vectors)
        const scorer = await backend.gaussianScorer(mean, lowRank)
        ensure(scorer.positions === positions && scorer.dimension === dimension, 'positions and dimension are reported')
        ensureClose('scores', await scorer.score(vectors), wanted, { relative: 1e-4 })
        scorer.dispose()
        await ensureRefused('disposed', 'DISPOSED', () => scorer.score(vectors))
      })
    }

    test('factors of zeros leave the diagonal, and a low-rank form that does not fit is refused', async () => {
      const backend = await create()
      const mean = randomTensor('mean', [2, 3])
      const factors = tensor([2, 1, 3], new Float32Array(6))
      const scorer = await backend.gaussianScorer(mean, { diagonal: 0.25, factors })
      const moved = tensor(
        [1, 2, 3],
        mean.data.map((value, index) => value + (index === 4 ? 1 : 0)),
      )
      ensureClose('scores', await scorer.score(moved), tensor([1, 2], Float32Array.of(0, 2)))
      scorer.dispose()
      const broken = tensor([2, 1, 3], Float32Array.of(0, 0, NaN, 0, 0, 0))
      for (const [what, code, form] of [
        ['diagonal of 0', 'INVALID_ARGUMENT', { diagonal: 0, factors }],
        ['positions', 'INVALID_ARGUMENT', { diagonal: 1, factors: randomTensor('f', [3, 1, 3]) }],
        ['no factors', 'INVALID_ARGUMENT', { diagonal: 1, factors: tensor([2, 0, 3], new Float32Array(0)) }],
        ['NaN', 'NUMERICAL', { diagonal: 1, factors: broken }],
      ] as const) {
        await ensureRefused(what, code, () => backend.gaussianScorer(mean, form))
      }
    })

    test('an identity covariance gives Euclidean distances', async () => {
      const identity = tensor([1, 2, 2], Float32Array.of(1, 0, 0, 1))
      const scorer = await (await create()).gaussianScorer(tensor([1, 2], Float32Array.of(1, 1)), identity)
      ensureClose(
        'score',
        await scorer.score(tensor([1, 1, 2], Float32Array.of(4, 5))),
        tensor([1, 1], Float32Array.of(5)),
      )
      scorer.dispose()
    })

    test('the Gaussian scorer refuses shapes that do not fit, an indefinite covariance, and use after disposal', async () => {
      const backend = await create()
      const mean = randomTensor('mean', [2, 2])
      const covariance = randomCovariance('covariance', 2, 2)
      const vectors = randomTensor('vectors', [1, 2, 2])
      await ensureRefused('shape', 'INVALID_ARGUMENT', () => backend.gaussianScorer(mean, randomTensor('c', [2, 2])))
      const indefinite = tensor([1, 2, 2], Float32Array.of(1, 2, 2, 1))
      await ensureRefused('indefinite', 'NUMERICAL', () =>
        backend.gaussianScorer(randomTensor('m', [1, 2]), indefinite),
      )
      const scorer = await backend.gaussianScorer(mean, covariance)
      await ensureRefused('vectors', 'INVALID_ARGUMENT', () => scorer.score(randomTensor('v', [1, 3, 2])))
      scorer.dispose()
      scorer.dispose()
      await ensureRefused('disposed', 'DISPOSED', () => scorer.score(vectors))
    })

    test('dispose may be called again, and refuses every later use, of what the backend made too', async () => {
      const backend = await create()
      const [mean, covariance] = [randomTensor('mean', [1, 2]), randomCovariance('covariance', 1, 2)]
      const [bank, vectors] = [randomTensor('bank', [4, 2]), randomTensor('vectors', [1, 1, 2])]
      await backend.matmul(bank, randomTensor('b', [2, 3]))
      const index = await backend.searchIndex(bank)
      const scorer = await backend.gaussianScorer(mean, covariance)
      await scorer.score(vectors)
      backend.dispose()
      backend.dispose()
      await ensureRefused('matmul', 'DISPOSED', () => backend.matmul(bank, randomTensor('b', [2, 3])))
      await ensureRefused('searchIndex', 'DISPOSED', () => backend.searchIndex(bank))
      await ensureRefused('gaussianScorer', 'DISPOSED', () => backend.gaussianScorer(mean, covariance))
      await ensureRefused('search', 'DISPOSED', () => index.search(randomTensor('query', [1, 2]), 1))
      await ensureRefused('score', 'DISPOSED', () => scorer.score(vectors))
      index.dispose()
      scorer.dispose()
    })
  })
}
