import { patchCore } from '@tab/adapters'
import { onnxBackend, onnxExtractor, type OrtModule } from '@tab/backend-onnx'
import { tensor, type Tensor } from '@tab/core'
import { syntheticParts } from '@tab/data'
import { auroc } from '@tab/metrics'
import { createBackbone, exportOnnx } from '@tab/model'

/** What both platforms must agree on. */
export interface Inspection {
  readonly scores: number[]
  readonly imageAuroc: number
  /** First pixels of a drawn part: the generator gives the same bytes everywhere. */
  readonly pixels: number[]
}

const SIZE = [64, 64] as const

/** The whole path on generated parts, in whatever platform runs it. */
export async function inspectParts(ort: OrtModule): Promise<Inspection> {
  const layers = ['layer2', 'layer3']
  const model = exportOnnx(createBackbone({ architecture: 'resnet18', seed: 3 }), { layers })
  const extractor = await onnxExtractor({ ort, model })
  const backend = onnxBackend({ ort })
  const recipe = patchCore({ extractor, backend, layers, coresetRatio: 0.1, seed: 0 })
  const normals = syntheticParts({ part: 'washer', size: SIZE, seed: 5 })
  const drawn = [0, 1, 2, 3].map((index) => normals.normal(index).image)
  const detector = await recipe.fit([batch(drawn)])
  const tested = [
    ...[10, 11, 12].map((index) => normals.normal(index).image),
    ...[20, 21, 22].map((index) => normals.anomalous(index, 'stain').image),
  ]
  const { scores } = await detector.predict(batch(tested))
  for (const part of [detector, backend, extractor]) part.dispose()
  return {
    scores: [...scores.data],
    imageAuroc: auroc(scores.data, [0, 0, 0, 1, 1, 1]),
    pixels: [...(drawn[0] as Tensor).data.slice(0, 300)],
  }
}

function batch(images: readonly Tensor[]): Tensor {
  const data = new Float32Array(images.length * SIZE[0] * SIZE[1] * 3)
  images.forEach((image, index) => data.set(image.data, index * image.data.length))
  return tensor([images.length, ...SIZE, 3], data)
}
