import type { OrtModule } from '@tab/backend-onnx'
import { syntheticParts } from '@tab/data'
import { auroc } from '@tab/metrics'
import { createBackbone, exportOnnx } from '@tab/model'
import { fitInspector, openInspector, type Region } from '@tab/pipeline'

/** What both platforms must agree on. */
export interface PartsInspection {
  readonly scores: number[]
  readonly verdicts: string[]
  readonly regions: (readonly Region[])[]
  readonly imageAuroc: number
  readonly threshold: number
  /** First pixels of a drawn part: the generator gives the same bytes everywhere. */
  readonly pixels: number[]
}

const SIZE = [64, 64] as const

/** The whole path on generated parts, fit, save, open and inspect, in whatever platform runs it. */
export async function inspectParts(ort: OrtModule): Promise<PartsInspection> {
  const layers = ['layer2', 'layer3']
  const backbone = exportOnnx(createBackbone({ architecture: 'resnet18', seed: 3 }), { layers })
  const parts = syntheticParts({ part: 'washer', size: SIZE, seed: 5 })
  const drawn = [0, 1, 2, 3].map((index) => parts.normal(index).image)
  const fitted = await fitInspector({ images: drawn, preparation: { size: SIZE }, backbone, ort })
  const inspector = await openInspector({ detector: await fitted.save(), backbone, ort })
  const tested = [
    ...[10, 11, 12].map((index) => parts.normal(index).image),
    ...[20, 21, 22].map((index) => parts.anomalous(index, 'stain').image),
  ]
  const found = await Promise.all(tested.map((image) => inspector.inspect(image)))
  for (const part of [fitted, inspector]) part.dispose()
  const scores = found.map(({ score }) => score ?? NaN)
  return {
    scores,
    verdicts: found.map(({ verdict }) => verdict),
    regions: found.map(({ regions }) => regions),
    imageAuroc: auroc(scores, [0, 0, 0, 1, 1, 1]),
    threshold: inspector.threshold ?? NaN,
    pixels: [...(drawn[0] as (typeof drawn)[number]).data.slice(0, 300)],
  }
}
