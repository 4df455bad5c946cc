import { describe, test } from '@jest/globals'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { describeBackend, describeExtractor } from '@tab/core/testing'
import { createBackbone, exportOnnx } from '@tab/model'
import * as ort from 'onnxruntime-web'

ort.env.wasm.numThreads = 1
const runner = { describe, test }
const backbone = createBackbone({ architecture: 'resnet18', seed: 2, lastStage: 'layer2' })
const model = exportOnnx(backbone, { layers: ['layer1', 'layer2'] })

describeBackend('onnxruntime-web (wasm)', { create: () => onnxBackend({ ort }), runner })
describeExtractor('resnet18 on onnxruntime-web (wasm)', { create: () => onnxExtractor({ ort, model }), runner })
