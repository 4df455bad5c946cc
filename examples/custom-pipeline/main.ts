// A detector on features of your own: PatchCore over hand-made gradients and colours, in plain TypeScript from end to end.
import { referenceBackend } from '@tab/core'
import { defectsOf, syntheticParts } from '@tab/data'
import { auroc } from '@tab/metrics'
import { fitInspector } from '@tab/pipeline'
import { gradientColourExtractor } from './gradient-colour.ts'

const parts = syntheticParts({ part: 'tablet', size: [96, 96], seed: 5 })

const extractor = gradientColourExtractor()
const backend = referenceBackend()
const inspector = await fitInspector({
  images: Array.from({ length: 12 }, (_, index) => parts.normal(index).image),
  preparation: { size: [96, 96] },
  method: { method: 'patchcore', layers: ['cells8', 'cells16'], coresetRatio: 0.25 },
  extractor,
  backend,
})

const tested = [
  ...Array.from({ length: 10 }, (_, index) => parts.normal(100 + index)),
  ...defectsOf('tablet').flatMap((kind) => [parts.anomalous(0, kind), parts.anomalous(1, kind)]),
]
const scores: number[] = []
for (const { image, defect } of tested) {
  const { score, verdict } = await inspector.inspect(image)
  scores.push(score ?? NaN)
  console.log(defect.padEnd(14), score?.toFixed(4), verdict)
}
const labels = tested.map(({ defect }): 0 | 1 => (defect === 'good' ? 0 : 1))
console.log(`image AUROC ${auroc(scores, labels).toFixed(3)}`)
inspector.dispose()
backend.dispose()
extractor.dispose()
