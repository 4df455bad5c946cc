import * as tf from '@tensorflow/tfjs'
import { onnxBackend, onnxExtractor, type OrtModule } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { tfjsBackend, toEngine, toHost, type EngineName } from '@tab/backend-tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { referenceBackend, tensor, type Backend, type FeatureExtractor, type Tensor } from '@tab/core'
import { exportOnnx, type Backbone, type Stage } from '@tab/model'
import { trainableBackbone } from '@tab/model/training'
import * as web from 'onnxruntime-web'
import { literalForward } from '../../packages/model/test/literal-forward.ts'

/** What computes features and distances; one id for all, so that the same detector file opens on each. */
export interface ParityEngine {
  readonly extractor: FeatureExtractor
  readonly backend: Backend
}

const ID = 'parity'

/** The engines by name, the definition of the network in float64 with the backend of core first. */
export const ENGINES: Readonly<Record<string, (backbone: Backbone) => Promise<ParityEngine>>> = {
  reference: async (backbone) => ({
    backend: referenceBackend(),
    extractor: perImage(backbone, async (image) => literalForward(backbone, image)),
  }),
  'onnxruntime-node': async (backbone) => onRuntime(backbone, await loadOrt()),
  'onnxruntime-web (wasm)': async (backbone) => {
    web.env.wasm.numThreads = 1
    return onRuntime(backbone, web)
  },
  'tfjs cpu': (backbone) => onTfjs(backbone, 'cpu'),
  'tfjs wasm': (backbone) => onTfjs(backbone, 'wasm'),
}

async function onRuntime(backbone: Backbone, ort: OrtModule): Promise<ParityEngine> {
  const layers = backbone.layers.map(({ name }) => name)
  const extractor = await onnxExtractor({ ort, model: exportOnnx(backbone, { layers }) })
  return { backend: onnxBackend({ ort }), extractor: { ...extractor, id: ID } }
}

async function onTfjs(backbone: Backbone, name: EngineName): Promise<ParityEngine> {
  await selectEngine({ prefer: [name], threads: 1 })
  const network = trainableBackbone(backbone)
  const layersOf = async (image: Tensor): Promise<ReadonlyMap<string, Tensor>> => {
    const batch = toEngine({ ...image, shape: [1, ...image.shape] }) as tf.Tensor4D
    const found = tf.tidy(() => {
      let value = network.stem(batch, 'frozen', new Map())
      return backbone.layers.map(({ name: layer }) => {
        value = network.stage(layer as Stage, value, 'frozen', new Map())
        return [layer, value] as const
      }) as unknown as tf.TensorContainer[] as [string, tf.Tensor][]
    })
    const entries = await Promise.all(
      found.map(async ([layer, value]) => {
        const { data, shape } = await toHost(value)
        return [layer, tensor(shape.slice(1), data)] as const
      }),
    )
    tf.dispose([batch, ...found.map(([, value]) => value)])
    return new Map(entries)
  }
  return { backend: tfjsBackend(), extractor: perImage(backbone, layersOf) }
}

/** An extractor from features [h,w,C] of one image [H,W,3]. */
function perImage(
  { layers }: Backbone,
  featuresOf: (image: Tensor) => Promise<ReadonlyMap<string, Tensor>>,
): FeatureExtractor {
  return {
    id: ID,
    layers,
    async extract({ shape, data }, wanted) {
      const [count, ...one] = shape as [number, number, number, number]
      const size = data.length / count
      const found: ReadonlyMap<string, Tensor>[] = []
      for (let n = 0; n < count; n++) {
        found.push(await featuresOf(tensor(one, data.slice(n * size, (n + 1) * size))))
      }
      return new Map(wanted.map((name) => [name, stacked(found.map((layers) => layers.get(name) as Tensor))]))
    },
    dispose: () => undefined,
  }
}

function stacked(parts: readonly Tensor[]): Tensor {
  const [first] = parts as [Tensor]
  const data = new Float32Array(parts.length * first.data.length)
  parts.forEach((part, n) => data.set(part.data, n * first.data.length))
  return tensor([parts.length, ...first.shape], data)
}
