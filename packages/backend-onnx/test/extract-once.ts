// A process that extracts features and searches among them, with the runtime imported by itself or by loadOrt(): does it leave a trace?
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { tensor } from '@tab/core'
import { createBackbone, exportOnnx } from '@tab/model'

const ort = process.argv[2] === 'imported' ? await import('onnxruntime-node') : await loadOrt()
const backbone = createBackbone({ architecture: 'resnet18', seed: 2, lastStage: 'layer1' })
const extractor = await onnxExtractor({ ort, model: exportOnnx(backbone, { layers: ['layer1'] }) })
const backend = onnxBackend({ ort })
const features = await extractor.extract(tensor([1, 32, 32, 3], new Float32Array(3072)), ['layer1'])
const map = features.get('layer1') ?? tensor([0], new Float32Array(0))
const rows = tensor([map.data.length / 64, 64], map.data)
const index = await backend.searchIndex(rows)
const { distances } = await index.search(rows, 1)
process.stdout.write(`${distances.shape.join('x')} ${process.env['ORT_DISABLE_TELEMETRY']}`)
backend.dispose()
extractor.dispose()
