// How few good photographs suffice? PatchCore on 1, 5 and 10 of them, as they are, with turned and mirrored copies, and on features that are
// adapted to the part; then a threshold from ten alone, and the detector as a file.
// The photographs are drawn here so that the program runs anywhere; put your own folder in their place.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adapt, patchCore } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import type { DetectorRecipe, FeatureExtractor } from '@tab/core'
import { augmentNormals, sampleShots, type Sample, type Symmetry } from '@tab/data'
import { openDataset, readImages, writeSyntheticDataset } from '@tab/data/node'
import { auroc } from '@tab/metrics'
import { fitInspector, openInspector } from '@tab/pipeline/node'
import { cutPaste, mixture, perlinAnomaly, scratch } from '@tab/synth'
import { loadExtractor } from '@tab/weights/node'

const folder = await mkdtemp(join(tmpdir(), 'tab-few-shot-'))
await writeSyntheticDataset(folder, { part: 'fabric', size: [96, 96], seed: 3, train: 12, good: 8, perDefect: 2 })
const { samples } = await openDataset(folder)
const test = samples.filter(({ split }) => split === 'test')

const { extractor, source } = await loadExtractor('tab-resnet18', ['layer2', 'layer3'])
const backend = onnxBackend({ ort: await loadOrt() })
const on = (features: FeatureExtractor) => patchCore({ extractor: features, backend, coresetRatio: 0.2 })
const plain = on(extractor)
const defects = mixture([
  [1, cutPaste()],
  [1, scratch()],
  [1, perlinAnomaly()],
])
const adapted = adapt({ extractor, backend, synthesizer: () => defects, recipe: on })
const reading = { size: [96, 96], batchSize: 4 } as const

async function imageAuroc(
  recipe: DetectorRecipe,
  normals: readonly Sample[],
  symmetries: readonly Symmetry[] = [],
): Promise<string> {
  const detector = await recipe.fit(augmentNormals(readImages(normals, reading), { symmetries }))
  const scores: number[] = []
  for await (const batch of readImages(test, reading)) scores.push(...(await detector.predict(batch)).scores.data)
  detector.dispose()
  const labels = test.map(({ label }) => label)
  return auroc(scores, labels).toFixed(3)
}

const turns = ['rotate90', 'rotate180', 'rotate270', 'flipHorizontal'] as const
console.log('image AUROC\nshots  as they are  turned, mirrored  adapted')
for (const shots of [1, 5, 10]) {
  const normals = sampleShots(samples, { shots, seed: 1 })
  const [asTheyAre, turned] = [await imageAuroc(plain, normals), await imageAuroc(plain, normals, turns)]
  const found = await imageAuroc(adapted, normals)
  console.log(String(shots).padStart(5), asTheyAre.padStart(12), turned.padStart(17), found.padStart(8))
}

// Ten images leave none to hold out: each is scored by a detector that was fitted on eight of the others. That promises no rate.
const fitted = await fitInspector({
  images: sampleShots(samples, { shots: 10, seed: 1 }).map(({ path }) => path),
  preparation: { size: reading.size },
  method: { method: 'patchcore', coresetRatio: 0.2, adapt: true },
  falsePositiveRate: 0.1,
  folds: 5,
  extractor,
  backend,
})
const file = join(folder, 'fabric.safetensors')
await writeFile(file, await fitted.save())
fitted.dispose()

// Another program, another day: the file and the backbone are all that it needs.
const inspector = await openInspector({ model: file, backbone: source })
const called = new Map<Sample, boolean>()
for (const sample of test) called.set(sample, (await inspector.inspect(sample.path)).verdict === 'anomalous')
const count = (wanted: 0 | 1, only = (_: Sample) => true) =>
  test.filter((sample) => sample.label === wanted && only(sample)).length
const anomalous = (sample: Sample) => called.get(sample) === true
console.log(`threshold ${inspector.threshold?.toFixed(3)} from ten images, cross-fitted`)
console.log(`damaged pieces found: ${count(1, anomalous)} of ${count(1)}`)
console.log(`good pieces called anomalous: ${count(0, anomalous)} of ${count(0)}`)
inspector.dispose()
backend.dispose()
extractor.dispose()
await rm(folder, { recursive: true })
