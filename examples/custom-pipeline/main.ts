// A detector on features of your own: PatchCore over hand-made gradients and colours, in plain TypeScript from end to end.
import { patchCore } from '@tab/adapters'
import { referenceBackend, tensor, type Tensor } from '@tab/core'
import { DEFECT_KINDS, syntheticParts } from '@tab/data'
import { auroc } from '@tab/metrics'
import { gradientColourExtractor } from './gradient-colour.ts'

const parts = syntheticParts({ part: 'tablet', size: [96, 96], seed: 5 })
const batchOf = (image: Tensor): Tensor => tensor([1, ...image.shape], image.data)

const extractor = gradientColourExtractor()
const backend = referenceBackend()
const layers = ['cells8', 'cells16']
const recipe = patchCore({ extractor, backend, layers, coresetRatio: 0.25 })
const detector = await recipe.fit(Array.from({ length: 12 }, (_, index) => batchOf(parts.normal(index).image)))

const tested = [
  ...Array.from({ length: 10 }, (_, index) => parts.normal(100 + index)),
  ...DEFECT_KINDS.flatMap((kind) => [parts.anomalous(0, kind), parts.anomalous(1, kind)]),
]
const scores: number[] = []
for (const { image, defect } of tested) {
  const score = (await detector.predict(batchOf(image))).scores.data[0] as number
  scores.push(score)
  console.log(defect.padEnd(14), score.toFixed(4))
}
const labels = tested.map(({ defect }): 0 | 1 => (defect === 'good' ? 0 : 1))
console.log(`image AUROC ${auroc(scores, labels).toFixed(3)}`)
detector.dispose()
backend.dispose()
extractor.dispose()
