import type { Rank } from '@tensorflow/tfjs'
import type { EngineName } from '@tab/backend-tfjs'
import { loadOrt } from '@tab/backend-onnx/node'
import { onnxExtractor } from '@tab/backend-onnx'
import { isTabError, tensor } from '@tab/core'
import { createBackbone, exportOnnx } from '@tab/model'
import { loadTransformers, type TransformersLibrary } from '@tab/prompts/transformers'
import { ENVIRONMENT_PROBES } from './environment-probes.ts'
import { millisecondsOf, type Probe } from './finding.ts'

/** The machine first, then everything that the commands can run on, the engines of the training before the others. */
export const PROBES: readonly Probe[] = [
  ...ENVIRONMENT_PROBES,
  tfjs('node-gpu', 'npm install @tensorflow/tfjs-node-gpu (NVIDIA GPU, Linux)'),
  tfjs('node', 'npm install @tensorflow/tfjs-node'),
  tfjs('webgpu', 'npm install @tensorflow/tfjs-backend-webgpu webgpu (and a Vulkan driver)'),
  tfjs('wasm', 'npm install @tensorflow/tfjs-backend-wasm'),
  tfjs('cpu', 'npm install @tensorflow/tfjs'),
  {
    name: 'onnxruntime',
    required: true,
    // Its install script downloads GPU libraries where it finds CUDA, and fails behind a firewall.
    remedy:
      'npm install onnxruntime-node (behind a firewall: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node)',
    look: onnxRuntime,
  },
  { name: 'sharp', required: true, remedy: 'npm install sharp', look: imageLibrary },
  transformers('@huggingface/transformers'),
  transformers('@xenova/transformers'),
]

const SIDE = 28
const CHANNELS = 64

function tfjs(engine: EngineName, remedy: string): Probe {
  return {
    name: `tfjs ${engine}`,
    required: engine === 'cpu', // comes with the command, as does wasm
    remedy,
    async look() {
      const { selectEngine } = await import('@tab/backend-tfjs/node')
      const { version, threads } = await selectEngine({ prefer: [engine] }).catch((error: unknown) => {
        const [, reason] = /^.*?no engine works: [\w-]+ \((.*)\)$/s.exec(String(error)) ?? []
        throw new Error(reason ?? String(error))
      })
      const tf = await import('@tensorflow/tfjs')
      const image = tf.zeros<Rank.R4>([1, SIDE, SIDE, CHANNELS])
      const kernel = tf.zeros<Rank.R4>([3, 3, CHANNELS, CHANNELS])
      const milliseconds = await millisecondsOf(async () => {
        const result = tf.conv2d(image, kernel, 1, 'same')
        await result.data()
        result.dispose()
      })
      tf.dispose([image, kernel])
      const operations = 2 * 9 * SIDE * SIDE * CHANNELS * CHANNELS
      return {
        version,
        ...(threads === undefined ? {} : { detail: `threads: ${threads}` }),
        speed: `${(operations / milliseconds / 1e6).toPrecision(2)} GFLOP/s in a 3x3 convolution`,
      }
    },
  }
}

async function onnxRuntime(): ReturnType<Probe['look']> {
  const ort = await loadOrt().catch((error: unknown) => {
    throw new Error(withoutOrt(error), { cause: error })
  })
  const { env, listSupportedBackends } = await import('onnxruntime-node')
  const layers = ['layer2', 'layer3']
  const model = exportOnnx(createBackbone({ architecture: 'resnet18', seed: 0 }), { layers })
  const extractor = await onnxExtractor({ ort, model })
  const image = tensor([1, 224, 224, 3], new Float32Array(224 * 224 * 3).fill(0.5))
  const milliseconds = await millisecondsOf(() => extractor.extract(image, layers))
  extractor.dispose()
  const providers = (bundled: boolean): string =>
    listSupportedBackends()
      .filter((provider) => provider.bundled === bundled)
      .map(({ name }) => name)
      .join(', ')
  const more = providers(false)
  return {
    version: env.versions.node ?? env.versions.common,
    detail: `providers: ${providers(true)}${more && ` (and, with libraries of their own, ${more})`}`,
    speed: `${milliseconds.toPrecision(2)} ms per image of 224 px through ResNet-18 to layer3, on the cpu`,
  }
}

/** Why onnxruntime-node cannot be loaded: it is not there, or it is there without its binary. */
export function withoutOrt(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const [first = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
  if (/onnxruntime_binding/.test(first)) return `installed without a binary that runs here: ${first}`
  return first
}

async function imageLibrary(): ReturnType<Probe['look']> {
  const { default: sharp } = await import('sharp')
  const raw = { width: 512, height: 512, channels: 3 } as const
  const png = await sharp(new Uint8Array(512 * 512 * 3).fill(128), { raw })
    .png()
    .toBuffer()
  const milliseconds = await millisecondsOf(() => sharp(png).resize(224, 224).raw().toBuffer())
  const { sharp: version = 'unknown', vips } = sharp.versions
  return {
    version,
    detail: `libvips: ${vips}`,
    speed: `${milliseconds.toPrecision(2)} ms to read a PNG of 512 px and resize it to 224`,
  }
}

function transformers(library: TransformersLibrary): Probe {
  return {
    name: library,
    required: false, // one of the two serves, and texts by their words alone need neither
    remedy: `npm install ${library}`,
    async look() {
      const { transformers: loaded } = await loadTransformers(library).catch((error: unknown) => {
        throw isTabError(error) && error.cause instanceof Error ? error.cause : error
      })
      return { version: loaded.env.version ?? 'unknown' }
    },
  }
}
