import {
  tensor,
  throwIfAborted,
  type Backend,
  type Detector,
  type FeatureExtractor,
  type LongTaskOptions,
  type Prediction,
  type Tensor,
} from '@tab/core'
import { gridStride } from '../features/grid-stride.ts'
import { joinLayers } from '../features/join-layers.ts'
import { layerFeatures } from '../features/layer-features.ts'
import { disposalGuard } from '../prediction/disposal-guard.ts'
import { checkedPrediction } from '../prediction/checked-prediction.ts'
import { emptyPrediction } from '../prediction/empty-prediction.ts'
import { assertScorable } from '../prediction/scorable-images.ts'
import { mapsWithPeaks } from '../maps/anomaly-map.ts'
import { abnormalProbabilities, pooled, projectImages, projectPatches } from './projections.ts'
import { textGuidedState, type TextGuidedModel } from './state.ts'
import { imageHeadNames } from './text-alignment.ts'

/** A detector for a model whose heads have been checked against the extractor. */
export function textGuidedDetector(extractor: FeatureExtractor, backend: Backend, model: TextGuidedModel): Detector {
  const { heads, prototypes, imageLayer, patchLayers, patchWeight, sigma, mapSize } = model
  const where = 'textGuided.predict'

  /** Probability of the abnormal state, per image. */
  async function imageProbabilities(features: ReadonlyMap<string, Tensor>): Promise<Float32Array> {
    const vectors = pooled(features.get(imageLayer) as Tensor)
    const [normalHead, abnormalHead] = imageHeadNames(model.sharedHead)
    const normal = await projectImages(backend, vectors, heads, normalHead)
    const abnormal = model.sharedHead ? normal : await projectImages(backend, vectors, heads, abnormalHead)
    return abnormalProbabilities(backend, normal, abnormal, prototypes, heads)
  }

  /** Probability of the abnormal state, per position of the finest grid: the mean over the layers, [N,h,w]. */
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

  async function predict(images: Tensor, { signal, onProgress }: LongTaskOptions): Promise<Prediction> {
    assertScorable(where, images, model.size)
    throwIfAborted(where, signal)
    const [count, height, width] = images.shape as [number, number, number]
    if (count === 0) return emptyPrediction([height, width], mapSize, gridStride(where, extractor, patchLayers))
    const wanted = [...new Set([imageLayer, ...patchLayers])]
    const layers = await layerFeatures(where, extractor, wanted, images)
    const features = new Map(wanted.map((name, at) => [name, layers[at] as Tensor]))
    throwIfAborted(where, signal)
    const ofImages = await imageProbabilities(features)
    throwIfAborted(where, signal)
    const { maps, peaks } = mapsWithPeaks(await patchProbabilities(features), [height, width], sigma, mapSize)
    throwIfAborted(where, signal)
    const scores = ofImages.map((probability, image) => {
      return (1 - patchWeight) * probability + patchWeight * (peaks[image] as number)
    })
    onProgress?.({ phase: 'predict', done: count, total: count })
    return checkedPrediction(where, { scores: tensor([count], scores), maps }, count)
  }

  const guard = disposalGuard(() => undefined)
  return {
    predict: async (images, task = {}) => guard.run(where, async () => predict(images, task)),
    state: () => textGuidedState(extractor.id, model),
    dispose: () => guard.dispose(),
  }
}
