// How few good photographs suffice? PatchCore on 1, 5 and 10 of them, as they are and with turned and mirrored copies; then a
// threshold from ten alone, and the detector as a file.
// The photographs are drawn here so that the program runs anywhere; put your own folder and weights in their place.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crossCalibrate, loadDetector, patchCore, saveDetector, verdict } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { augmentNormals, sampleShots, type Sample, type Symmetry } from '@tab/data'
import { imageBatches, openDataset, writeSyntheticDataset } from '@tab/data/node'
import { auroc } from '@tab/metrics'
import { createBackbone, exportOnnx } from '@tab/model'

const ort = await loadOrt()
const folder = await mkdtemp(join(tmpdir(), 'tab-few-shot-'))
await writeSyntheticDataset(folder, { part: 'fabric', size: [96, 96], seed: 3, train: 12, good: 8, perDefect: 2 })
const { samples } = await openDataset(folder)
const test = samples.filter(({ split }) => split === 'test')

// With trained weights: loadBackbone(await readFile('resnet18.safetensors')).backbone
const layers = ['layer1', 'layer2']
const model = exportOnnx(createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer2' }), { layers })
const extractor = await onnxExtractor({ ort, model })
const backend = onnxBackend({ ort })
const recipe = patchCore({ extractor, backend, layers, coresetRatio: 0.05 })
const reading = { size: [96, 96], batchSize: 4 } as const

async function* images(of: readonly Sample[]) {
  for await (const batch of imageBatches(of, reading)) yield batch.images
}

async function imageAuroc(normals: readonly Sample[], symmetries: readonly Symmetry[]): Promise<number> {
  const detector = await recipe.fit(augmentNormals(images(normals), { symmetries }))
  const scores: number[] = []
  for await (const batch of images(test)) scores.push(...(await detector.predict(batch)).scores.data)
  detector.dispose()
  return auroc(
    scores,
    test.map(({ label }) => label),
  )
}

const turns = ['rotate90', 'rotate180', 'rotate270', 'flipHorizontal'] as const
console.log('image AUROC (random weights)\nshots  as they are  turned, mirrored')
for (const shots of [1, 5, 10]) {
  const normals = sampleShots(samples, { shots, seed: 1 })
  const [plain, augmented] = [await imageAuroc(normals, []), await imageAuroc(normals, turns)]
  console.log(String(shots).padStart(5), plain.toFixed(3).padStart(12), augmented.toFixed(3).padStart(17))
}

// Ten images leave none to hold out: each is scored by a detector that was fitted on eight of the others. That promises no rate.
const ten = sampleShots(samples, { shots: 10, seed: 1 })
const fitted = await crossCalibrate(recipe, images(ten), { falsePositiveRate: 0.1, folds: 5 })
const file = join(folder, 'fabric.safetensors')
await writeFile(
  file,
  await saveDetector(fitted.detector, { calibration: fitted.calibration, preparation: { size: reading.size } }),
)
fitted.detector.dispose()

// Another program, another day: the file and the backbone are all that it needs.
const { detector, calibration } = await loadDetector(await readFile(file), { extractor, backend })
if (!calibration) throw new Error('the file holds no threshold')
const scores: number[] = []
for await (const batch of images(test)) scores.push(...(await detector.predict(batch)).scores.data)
const calledAnomalous = test.filter((_, index) => verdict(calibration, scores[index] as number).anomalous)
const count = (some: readonly Sample[], wanted: 0 | 1) => some.filter(({ label }) => label === wanted).length
console.log(`threshold ${calibration.threshold.toFixed(3)} from ten images, cross-fitted`)
console.log(`damaged pieces found: ${count(calledAnomalous, 1)} of ${count(test, 1)}`)
console.log(`good pieces called anomalous: ${count(calledAnomalous, 0)} of ${count(test, 0)}`)
detector.dispose()
backend.dispose()
extractor.dispose()
await rm(folder, { recursive: true })
