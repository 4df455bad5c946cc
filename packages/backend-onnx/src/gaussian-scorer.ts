import type { GaussianScorer, LowRankCovariance, Tensor } from '@tab/core'
import { gaussianByProducts } from '@tab/kernels'
import type { OrtModule } from './ort.ts'
import type { SerialSession } from './serial-session.ts'

/** The sessions of the two forms, opened when asked for. */
export interface GaussianSessions {
  /** Of `mahalanobisGraph`. */
  readonly whitening: () => Promise<SerialSession>
  /** Of `lowRankMahalanobisGraph`. */
  readonly lowRank: () => Promise<SerialSession>
}

/** Mahalanobis distances by ONNX Runtime's batched products. */
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
      dispose: () => undefined, // the tensors lie in host memory
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
