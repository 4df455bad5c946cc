import { assertTensor, tensor, type Backend } from '@tab/core'
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

/** The linear algebra of detectors on ONNX Runtime, as graphs of a few nodes, each opened when first used. */
export function onnxBackend({ ort, session = {} }: OnnxBackendOptions): Backend {
  const opened = new Map<string, Promise<SerialSession>>()
  const open = (name: string, graph: () => Uint8Array): Promise<SerialSession> => {
    const found = opened.get(name) ?? openSession('onnxBackend', ort, graph(), session)
    opened.set(name, found)
    return found
  }

  return {
    name: 'onnx',
    async matmul(a, b, { transposeB = false } = {}) {
      assertTensor('onnxBackend.matmul', 'a', a, ['M', 'K'])
      const [rows, inner] = a.shape as [number, number]
      assertTensor('onnxBackend.matmul', 'b', b, transposeB ? ['N', inner] : [inner, 'N'])
      const runner = await open(`matmul ${transposeB}`, () => matmulGraph(transposeB))
      const feeds = { a: new ort.Tensor('float32', a.data, a.shape), b: new ort.Tensor('float32', b.data, b.shape) }
      const { product } = await runner.run(feeds, ['product'])
      return tensor([rows, b.shape[transposeB ? 0 : 1] as number], product?.data as Float32Array)
    },
    searchIndex: async (bank) => searchIndex(ort, await open('nearest rows', nearestRowsGraph), bank),
    gaussianScorer: (mean, covariance) =>
      gaussianScorer(
        ort,
        {
          whitening: () => open('mahalanobis', mahalanobisGraph),
          lowRank: () => open('low-rank mahalanobis', lowRankMahalanobisGraph),
        },
        mean,
        covariance,
      ),
  }
}
