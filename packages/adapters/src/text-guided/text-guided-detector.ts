import {
  assertTensor,
  formatShape,
  TabError,
  tensor,
  throwIfAborted,
  type Backend,
  type Detector,
  type FeatureExtractor,
  type Prediction,
  type Tensor,
} from '@tab/core'
import { anomalyMaps } from '../anomaly-map.ts'
import { assertFinitePixels } from '../finite-images.ts'
import { joinLayers } from '../join-layers.ts'
import { abnormalProbabilities, pooled, projectImages, projectPatches } from './projections.ts'
import { textGuidedState, type TextGuidedModel } from './state.ts'
import { imageHeadNames } from './text-alignment.ts'

/** A detector that scores with a model whose parts fit the extractor. */
export function textGuidedDetector(extractor: FeatureExtractor, backend: Backend, model: TextGuidedModel): Detector {
  const { heads, prototypes, imageLayer, patchLayers, patchWeight, sigma } = model
  const where = 'textGuided.predict'
  let disposed = false

  /** Of the abnormal state, by image. */
  async function imageProbabilities(features: ReadonlyMap<string, Tensor>): Promise<Float32Array> {
    const vectors = pooled(features.get(imageLayer) as Tensor)
    const [normalHead, abnormalHead] = imageHeadNames(model.sharedHead)
    const normal = await projectImages(backend, vectors, heads, normalHead)
    const abnormal = model.sharedHead ? normal : await projectImages(backend, vectors, heads, abnormalHead)
    return abnormalProbabilities(backend, normal, abnormal, prototypes, heads)
  }

  /** Of the abnormal state, by position of the finest grid: the mean of the layers, [N,h,w]. */
  async function patchProbabilities(features: ReadonlyMap<string, Tensor>): Promise<Tensor> {
    const layers: Tensor[] = []
    for (const layer of patchLayers) {
      const { shape, data } = features.get(layer) as Tensor
      const [count, height, width, channels] = shape as [number, number, number, number]
      const positions = tensor([count * height * width, channels], data)
      const vectors = await projectPatches(backend, positions, heads, layer)
      const probabilities = await abnormalProbabilities(backend, vectors, vectors, prototypes, heads)
      layers.push(tensor([count, height, width, 1], probabilities))
    }
    const { vectors, height, width } = joinLayers('textGuided', layers)
    const mean = Float32Array.from({ length: vectors.shape[0] as number }, (_, row) => {
      const own = vectors.data.subarray(row * layers.length, (row + 1) * layers.length)
      return own.reduce((sum, value) => sum + value, 0) / layers.length
    })
    return tensor([mean.length / (height * width), height, width], mean)
  }

  return {
    async predict(images, { signal, onProgress } = {}): Promise<Prediction> {
      if (disposed) throw new TabError('DISPOSED', { where, message: 'used after dispose()' })
      assertTensor(where, 'images', images, ['N', 'H', 'W', 3])
      const [count, height, width] = images.shape as [number, number, number]
      const size = model.size ?? [height, width]
      if (height !== size[0] || width !== size[1]) {
        const expected = `images of the size that was fitted, ${formatShape(['N', ...size, 3])}`
        throw new TabError('INVALID_ARGUMENT', { where, expected, actual: formatShape(images.shape) })
      }
      throwIfAborted(where, signal)
      const area = height * width
      if (count === 0)
        return { scores: tensor([0], new Float32Array(0)), maps: tensor([0, ...size], new Float32Array(0)) }
      assertFinitePixels(where, images)
      const features = await extractor.extract(images, [...new Set([imageLayer, ...patchLayers])])
      throwIfAborted(where, signal)
      const ofImages = await imageProbabilities(features)
      throwIfAborted(where, signal)
      const maps = anomalyMaps(await patchProbabilities(features), size, sigma)
      throwIfAborted(where, signal)
      const scores = ofImages.map((probability, image) => {
        const map = maps.data.subarray(image * area, (image + 1) * area)
        const peak = map.reduce((most, value) => Math.max(most, value), 0)
        return (1 - patchWeight) * probability + patchWeight * peak
      })
      onProgress?.({ phase: 'predict', done: count, total: count })
      return { scores: tensor([count], scores), maps }
    },
    state: () => textGuidedState(extractor.id, model),
    dispose() {
      disposed = true
    },
  }
}
