// Writes one small detector file of each kind as this version makes it, its backbone, and the scores that it must give from now on, as the definition of
// the network in float64 and the backend of core compute them: `node --conditions=@tab/source --import=tsx test/parity/make-fixtures.ts VERSION`.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onnxExtractor } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { syntheticParts } from '@tab/data'
import { exportOnnx } from '@tab/model'
import { fitInspector, openInspector, type FitMethod } from '@tab/pipeline'
import { narrowBackbone } from '../../packages/model/test/narrow-backbone.ts'
import { ENGINES } from './engines.ts'
import { scoresOf, type KeptScore, type KEPT } from './fixture-scores.ts'

const layers = ['layer1', 'layer2']
const METHODS: Readonly<Record<(typeof KEPT)[number], FitMethod>> = {
  patchcore: { method: 'patchcore', layers, coresetRatio: 0.1 },
  padim: { method: 'padim', layers, dimensions: 4 },
  subspace: { method: 'subspace', layers },
}

const version = process.argv[2]
if (!version) throw new Error('which version?')
const folder = join(import.meta.dirname, 'fixtures', version)
mkdirSync(folder, { recursive: true })
const backbone = narrowBackbone('resnet18', 'layer2')
const model = exportOnnx(backbone, { layers })
writeFileSync(join(folder, 'backbone.onnx'), model)
const ort = await loadOrt()
const { id } = await onnxExtractor({ ort, model })
const reference = await ENGINES['reference']?.(backbone)
if (!reference) throw new Error('there is no reference')
const parts = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 })
const images = Array.from({ length: 10 }, (_, index) => parts.normal(index).image)
const scores: Record<string, KeptScore[]> = {}
for (const [name, method] of Object.entries(METHODS)) {
  const fitted = await fitInspector({ images, preparation: { size: [64, 64] }, method, backbone: model, ort })
  const detector = await fitted.save()
  writeFileSync(join(folder, `${name}.safetensors`), detector)
  const extractor = { ...reference.extractor, id }
  scores[name] = await scoresOf(await openInspector({ detector, extractor, backend: reference.backend }))
}
writeFileSync(join(folder, 'scores.json'), JSON.stringify(scores, null, 2))
process.exit(0)
