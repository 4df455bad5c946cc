import * as tf from '@tensorflow/tfjs'
import { assertTensor, createLifetime, tensor, type Backend, type Tensor } from '@tab/core'
import { gaussianByProducts, searchByProducts } from '@tab/kernels'
import { toEngine, toHost } from './tensors.ts'

/**
 * The linear algebra of detectors on tfjs's current engine, which `selectEngine` chooses beforehand. `dispose` does not stop the engine.
 * @example
 * ```ts
 * import { tfjsBackend } from '@tab/backend-tfjs'
 * import { selectEngine } from '@tab/backend-tfjs/node'
 * import { tensor } from '@tab/core'
 *
 * await selectEngine({ prefer: ['wasm', 'cpu'] })
 * const a = tensor([2, 2], Float32Array.of(1, 2, 3, 4))
 * console.log((await tfjsBackend().matmul(a, a)).data) // Float32Array(4) [ 7, 10, 15, 22 ]
 * ```
 */
export function tfjsBackend(): Backend {
  const lifetime = createLifetime('tfjsBackend')
  return {
    name: `tfjs-${tf.getBackend()}`,
    async matmul(a, b, options) {
      lifetime.check('matmul')
      return multiply(a, b, options)
    },
    async searchIndex(bank) {
      lifetime.check('searchIndex')
      return lifetime.own('searchIndex', searchByProducts({ where: 'tfjsBackend.searchIndex', bank, load: loadChunk }))
    },
    async gaussianScorer(mean, covariance) {
      lifetime.check('gaussianScorer')
      const scorer = await gaussianByProducts({
        where: 'tfjsBackend.gaussianScorer',
        mean,
        covariance,
        load: (means, whitening) =>
          loadGaussians(means, [whitening], (centred, [matrix]) => tf.matMul(centred, matrix as tf.Tensor)),
        loadLowRank: (means, project, expand) =>
          loadGaussians(means, [project, expand], (centred, [thin, wide]) =>
            tf.sub(centred, tf.matMul(tf.matMul(centred, thin as tf.Tensor), wide as tf.Tensor)),
          ),
      })
      return lifetime.own('gaussianScorer', scorer)
    },
    dispose: () => void lifetime.end(),
  }
}

const multiply: Backend['matmul'] = async (a, b, { transposeB = false } = {}) => {
  assertTensor('tfjsBackend.matmul', 'a', a, ['M', 'K'])
  const [rows, inner] = a.shape as [number, number]
  assertTensor('tfjsBackend.matmul', 'b', b, transposeB ? ['N', inner] : [inner, 'N'])
  const columns = b.shape[transposeB ? 0 : 1] as number
  if (rows * inner * columns === 0) return tensor([rows, columns], new Float32Array(rows * columns))
  return computed(() => tf.matMul(toEngine(a), transposeB ? tf.transpose(toEngine(b)) : toEngine(b)))
}

function loadChunk(rows: Tensor, squaredNorms: Tensor) {
  // Transposed once: engines multiply fastest without transpose flags.
  const bank = tf.tidy(() => tf.mul(tf.transpose(toEngine(rows)), -2))
  const norms = toEngine(squaredNorms)
  return {
    async nearest(queries: Tensor, kept: number) {
      const count = queries.shape[0] as number
      if (count === 0) return { values: new Float32Array(0), rows: new Int32Array(0) }
      const found = tf.tidy(() => {
        const { values, indices } = tf.topk(tf.neg(tf.add(tf.matMul(toEngine(queries), bank), norms)), kept, true)
        return { values: tf.neg(values), indices }
      })
      try {
        return {
          values: Float32Array.from(await found.values.data()),
          rows: Int32Array.from(await found.indices.data()),
        }
      } finally {
        tf.dispose(found)
      }
    },
    dispose: () => tf.dispose([bank, norms]),
  }
}

type Whiten = (centred: tf.Tensor, matrices: readonly tf.Tensor[]) => tf.Tensor

/** Keeps means and matrices on the engine; `whiten` turns centred vectors [P,N,D] into whitened ones, with one product per position. */
function loadGaussians(mean: Tensor, matrices: readonly Tensor[], whiten: Whiten) {
  const [centre, ...held] = [mean, ...matrices].map(toEngine) as [tf.Tensor, ...tf.Tensor[]]
  return {
    async score(vectors: Tensor) {
      if (vectors.data.length === 0) return new Float32Array(0)
      const { data } = await computed(() => {
        const centred = tf.transpose(tf.sub(toEngine(vectors), centre), [1, 0, 2])
        return tf.transpose(tf.norm(whiten(centred, held), 2, 2), [1, 0])
      })
      return data
    },
    dispose: () => tf.dispose([centre, ...held]),
  }
}

/** Computes a tensor and copies it to the host, leaving nothing on the engine. */
async function computed(compute: () => tf.Tensor): Promise<Tensor> {
  const result = tf.tidy(compute)
  try {
    return await toHost(result)
  } finally {
    result.dispose()
  }
}
