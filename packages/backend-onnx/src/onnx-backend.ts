import { assertTensor, createLifetime, tensor, type Backend } from '@tab/core'
import { gaussianScorer } from './gaussian-scorer.ts'
import { lowRankMahalanobisGraph, mahalanobisGraph, matmulGraph, nearestRowsGraph } from './graphs.ts'
import type { OrtModule, OrtSessionOptions } from './ort.ts'
import { searchIndex } from './search-index.ts'
import { openSession, type SerialSession } from './serial-session.ts'

export interface OnnxBackendOptions {
  /** onnxruntime-node, onnxruntime-web or a compatible module. */
  readonly ort: OrtModule
  readonly session?: OrtSessionOptions
}

/**
 * The linear algebra of detectors on ONNX Runtime, as graphs of a few nodes, each opened on first use.
 * @example
 * ```ts
 * import { onnxBackend } from '@tab/backend-onnx'
 * import { loadOrt } from '@tab/backend-onnx/node'
 * import { tensor } from '@tab/core'
 *
 * const backend = onnxBackend({ ort: await loadOrt() })
 * const index = await backend.searchIndex(tensor([3, 2], Float32Array.of(0, 0, 3, 4, 6, 8)))
 * const { distances, indices } = await index.search(tensor([1, 2], Float32Array.of(3, 0)), 2)
 * console.log([...indices.data], [...distances.data]) // [ 0, 1 ] [ 3, 4 ]
 * backend.dispose()
 * ```
 */
export function onnxBackend({ ort, session = {} }: OnnxBackendOptions): Backend {
  const opened = new Map<string, Promise<SerialSession>>()
  const lifetime = createLifetime('onnxBackend')
  const open = (name: string, graph: () => Uint8Array): Promise<SerialSession> => {
    lifetime.check(name)
    const found = opened.get(name)
    if (found) return found
    const opening = openSession('onnxBackend', ort, graph(), session)
    opened.set(name, opening)
    opening.catch(() => opened.delete(name)) // the failure may be temporary, such as a lack of memory: the next call tries again
    return opening
  }

  return {
    name: 'onnx',
    async matmul(a, b, { transposeB = false } = {}) {
      lifetime.check('matmul')
      assertTensor('onnxBackend.matmul', 'a', a, ['M', 'K'])
      const [rows, inner] = a.shape as [number, number]
      assertTensor('onnxBackend.matmul', 'b', b, transposeB ? ['N', inner] : [inner, 'N'])
      const runner = await open(`matmul ${transposeB}`, () => matmulGraph(transposeB))
      const feeds = { a: new ort.Tensor('float32', a.data, a.shape), b: new ort.Tensor('float32', b.data, b.shape) }
      const { product } = await runner.run(feeds, ['product'])
      return tensor([rows, b.shape[transposeB ? 0 : 1] as number], product?.data as Float32Array)
    },
    async searchIndex(bank) {
      lifetime.check('searchIndex')
      return lifetime.own('searchIndex', searchIndex(ort, await open('nearest rows', nearestRowsGraph), bank))
    },
    async gaussianScorer(mean, covariance) {
      lifetime.check('gaussianScorer')
      const sessions = {
        whitening: () => open('mahalanobis', mahalanobisGraph),
        lowRank: () => open('low-rank mahalanobis', lowRankMahalanobisGraph),
      }
      return lifetime.own('gaussianScorer', await gaussianScorer(ort, sessions, mean, covariance))
    },
    dispose() {
      if (!lifetime.end()) return
      // Sessions still opening are released once open; the caller of one that failed has been told.
      for (const opening of opened.values()) opening.then((runner) => runner.dispose()).catch(() => undefined)
      opened.clear()
    },
  }
}
