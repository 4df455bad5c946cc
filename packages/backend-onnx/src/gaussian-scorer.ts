import type { GaussianScorer, LowRankCovariance, Tensor } from '@tab/core'
import { gaussianByProducts } from '@tab/kernels'
import type { OrtModule } from './ort.ts'
import type { SerialSession } from './serial-session.ts'

/** The sessions for both forms of a covariance, opened on demand. */
export interface GaussianSessions {
  /** A session of `mahalanobisGraph`. */
  readonly whitening: () => Promise<SerialSession>
  /** A session of `lowRankMahalanobisGraph`. */
  readonly lowRank: () => Promise<SerialSession>
}

/** Mahalanobis distances by batched products on ONNX Runtime. */
export function gaussianScorer(
  ort: OrtModule,
  sessions: GaussianSessions,
  mean: Tensor,
  covariance: Tensor | LowRankCovariance,
): Promise<GaussianScorer> {
  const onEngine = ({ data, shape }: Tensor) => new ort.Tensor('float32', data, shape)
  const loaded = (open: () => Promise<SerialSession>, constants: Readonly<Record<string, Tensor>>) => {
    const held = Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, onEngine(value)]))
    return {
      async score(vectors: Tensor) {
        const { scores } = await (await open()).run({ vectors: onEngine(vectors), ...held }, ['scores'])
        return scores?.data as Float32Array
      },
      dispose: () => undefined, // the tensors are in host memory
    }
  }
  return gaussianByProducts({
    where: 'onnxBackend.gaussianScorer',
    mean,
    covariance,
    load: (means, whitening) => loaded(sessions.whitening, { mean: means, whitening }),
    loadLowRank: (means, project, expand) => loaded(sessions.lowRank, { mean: means, project, expand }),
  })
}
