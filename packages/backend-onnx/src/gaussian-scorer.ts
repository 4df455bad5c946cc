import { gaussianByProducts, type GaussianScorer, type Tensor } from '@tab/core'
import type { OrtModule } from './ort.ts'
import type { SerialSession } from './serial-session.ts'

/** Mahalanobis distances by the graph of `mahalanobisGraph`. */
export function gaussianScorer(
  ort: OrtModule,
  session: SerialSession,
  mean: Tensor,
  covariance: Tensor,
): GaussianScorer {
  const onEngine = ({ data, shape }: Tensor) => new ort.Tensor('float32', data, shape)
  return gaussianByProducts({
    where: 'onnxBackend.gaussianScorer',
    mean,
    covariance,
    load: (means, whitening) => {
      const constants = { mean: onEngine(means), whitening: onEngine(whitening) }
      return {
        async score(vectors) {
          const { scores } = await session.run({ vectors: onEngine(vectors), ...constants }, ['scores'])
          return scores?.data as Float32Array
        },
        dispose: () => undefined, // the tensors lie in host memory
      }
    },
  })
}
