import { describe, test } from '@jest/globals'
import { onnxBackend } from '@tab/backend-onnx'
import { describeBackend } from '@tab/core/testing'
import * as ort from 'onnxruntime-node'

describeBackend('onnxruntime-node', { create: () => onnxBackend({ ort }), runner: { describe, test } })
