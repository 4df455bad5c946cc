// From a folder of photographs to scores: fit PatchCore on good parts, score the others, say how well they are told apart.
// The photographs are drawn here so that the program runs anywhere; put your own folder and weights in their place.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { patchCore } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { imageBatches, openDataset, writeSyntheticDataset } from '@tab/data/node'
import { auroc } from '@tab/metrics'
import { createBackbone, exportOnnx } from '@tab/model'

const ort = await loadOrt()
const folder = await mkdtemp(join(tmpdir(), 'tab-quickstart-'))
await writeSyntheticDataset(folder, { part: 'washer', size: [128, 128], seed: 1, train: 12, good: 6, perDefect: 2 })

// With trained weights: loadBackbone(await readFile('resnet18.safetensors')).backbone
const backbone = createBackbone({ architecture: 'resnet18', seed: 0 })
const layers = ['layer2', 'layer3']
const extractor = await onnxExtractor({ ort, model: exportOnnx(backbone, { layers }) })
const backend = onnxBackend({ ort })
const recipe = patchCore({ extractor, backend, layers, coresetRatio: 0.1 })

const { samples } = await openDataset(folder)
const reading = { size: [128, 128], batchSize: 4 } as const
async function* normals() {
  for await (const { images } of imageBatches(
    samples.filter(({ split, label }) => split === 'train' && label === 0),
    reading,
  ))
    yield images
}
const detector = await recipe.fit(normals())

const scores: number[] = []
const labels: number[] = []
for await (const batch of imageBatches(
  samples.filter(({ split }) => split === 'test'),
  reading,
)) {
  const prediction = await detector.predict(batch.images)
  batch.samples.forEach((sample, index) => {
    scores.push(prediction.scores.data[index] as number)
    labels.push(sample.label)
    console.log(sample.id.padEnd(36), scores.at(-1)?.toFixed(3))
  })
}
console.log(`image AUROC ${auroc(scores, labels).toFixed(3)} (random weights)`)
detector.dispose()
backend.dispose()
extractor.dispose()
await rm(folder, { recursive: true })
