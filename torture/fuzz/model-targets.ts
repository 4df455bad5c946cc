import { onnxExtractor } from '@tab/backend-onnx'
import { encodeGraph, readOnnxMetadata, type OnnxGraph } from '@tab/backend-onnx/graph'
import { loadOrt } from '@tab/backend-onnx/node'
import { readSafetensors, tensor } from '@tab/core'
import { exportOnnx } from '@tab/model'
import { pretrain, type PretrainSettings } from '@tab/model/training'
import { narrowBackbone } from '../../packages/model/test/narrow-backbone.ts'
import { base, memoryStore } from '../../packages/model/test/training/small-training.ts'
import { readCheckpoint, writeCheckpoint } from '../../packages/model/src/training/state/checkpoint.ts'
import type { TrainingIdentity } from '../../packages/model/src/training/state/training-identity.ts'
import { describeVision } from '../../packages/weights/src/vision-config.ts'
import { readDescription } from '../../packages/backend-onnx/src/model-description.ts'
import { mutateBytes } from './mutate-bytes.ts'
import { mutateJson } from './mutate-json.ts'
import { mutateSafetensors } from './mutate-safetensors.ts'
import { bytesOf, jsonOf, must, sameBytes, textOf, type Target } from './target.ts'

const EMPTY: OnnxGraph = { name: 'empty', inputs: [], outputs: [], initializers: [], nodes: [] }

/** Files of networks and of trainings. */
export async function modelTargets(): Promise<Target[]> {
  const ort = await loadOrt()
  const onnx = exportOnnx(narrowBackbone('resnet18', 'layer1'), { layers: ['layer1'] })
  const store = memoryStore()
  const options = base()
  const steps = { ...(options.settings as PretrainSettings), steps: 1 }
  await pretrain({ ...options, settings: steps, checkpoints: { store, every: 1 } })
  const checkpoint = store.saved[0] as Uint8Array
  const identity = JSON.parse(readSafetensors(checkpoint).metadata['identity'] as string) as TrainingIdentity
  const image = tensor([1, 32, 32, 3], new Float32Array(32 * 32 * 3).fill(0.5))
  const vision = {
    config: { model_type: 'dinov2', patch_size: 14, image_size: 224 },
    preprocessor: { image_mean: [0.5, 0.5, 0.5], image_std: [0.2, 0.2, 0.2], rescale_factor: 1 / 255 },
  }
  return [
    {
      name: 'checkpoint',
      share: 70,
      seeds: [checkpoint],
      mutate: mutateSafetensors,
      async read(bytes) {
        const state = readCheckpoint(bytes, identity)
        must(Number.isSafeInteger(state.step) && state.step >= 0, `step ${state.step}`)
        must(Number.isSafeInteger(state.passes) && state.passes >= 0, `passes ${state.passes}`)
        must(Array.isArray(state.validations) && typeof state.stopped === 'boolean', 'progress of other types')
        const again = writeCheckpoint(state, identity)
        must(sameBytes(writeCheckpoint(readCheckpoint(again, identity), identity), again), 'differs')
      },
    },
    {
      name: 'onnx metadata',
      share: 60,
      seeds: [onnx],
      mutate: mutateBytes,
      async read(bytes) {
        for (const value of Object.values(readOnnxMetadata(bytes))) must(typeof value === 'string', 'not a text')
      },
    },
    {
      name: 'onnx description',
      share: 60,
      seeds: [bytesOf(readOnnxMetadata(onnx)['tab.backbone'] as string)],
      mutate: (bytes, rng) => bytesOf(mutateJson(JSON.parse(textOf(bytes)), rng)),
      async read(bytes) {
        const found = readDescription(encodeGraph({ ...EMPTY, metadata: { 'tab.backbone': textOf(bytes) } }))
        must(found?.layers.every(({ channels }) => channels > 0) === true, 'layers without channels')
      },
    },
    {
      name: 'onnx model',
      share: 15,
      seeds: [onnx],
      mutate: mutateBytes,
      async read(bytes) {
        const extractor = await onnxExtractor({ ort, model: bytes, session: { intraOpNumThreads: 1 } })
        try {
          const { name = '', channels } = extractor.layers[0] ?? {}
          const found = (await extractor.extract(image, [name])).get(name)
          must(found?.shape[3] === channels, 'other channels than described')
        } finally {
          extractor.dispose()
        }
      },
    },
    {
      name: 'vision config',
      share: 30,
      seeds: [bytesOf(JSON.stringify(vision))],
      mutate: (bytes, rng) => bytesOf(mutateJson(JSON.parse(textOf(bytes)), rng)),
      async read(bytes) {
        const { config, preprocessor } = (jsonOf(bytes) ?? {}) as Partial<typeof vision>
        const { tokens, std } = describeVision('folder', config, preprocessor)
        must(tokens !== undefined && tokens.patchSize > 0, 'no patches')
        must(std === undefined || std.every((value) => value > 0), `a deviation in ${std?.join()}`)
      },
    },
  ]
}
