import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { anomalyMaps, textGuided } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { toEngine } from '@tab/backend-tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { randomUniform, tensor, tensorOf, type AnomalySynthesizer, type Tensor } from '@tab/core'
import { ensureClose, randomTensor } from '@tab/core/testing'
import { createBackbone, exportOnnx, loadAlignment, saveAlignment } from '@tab/model'
import {
  imageHead,
  patchHead,
  pretrain,
  PRETRAIN_PRESETS,
  similarityScale,
  trainableBackbone,
  type PretrainResult,
} from '@tab/model/training'
import * as ort from 'onnxruntime-node'

const unit = (seed: string): Tensor => {
  const { data } = randomTensor(seed, [8], -1, 1)
  return tensor(
    [8],
    data.map((value) => value / Math.hypot(...data)),
  )
}

/** Whitens the upper left corner by a random amount. */
const corner: AnomalySynthesizer = {
  name: 'corner',
  synthesize({ shape, data }, rng) {
    const white = randomUniform(rng, 0.7, 1)
    const mask = new Uint8Array((shape[0] as number) * (shape[1] as number))
    const image = data.map((value, index) => (index % 96 < 24 && index < 96 * 8 ? white : value))
    mask.forEach((_, index) => (mask[index] = index % 32 < 8 && index < 32 * 8 ? 1 : 0))
    return { image: tensor(shape, image), mask: tensorOf('uint8', [shape[0] as number, shape[1] as number], mask) }
  },
}

async function trained(heads: 'shared' | 'separate'): Promise<PretrainResult> {
  const images = Array.from({ length: 4 }, (_, index) => randomTensor(`part${index}`, [32, 32, 3], 0.3, 0.6))
  const read = (index: number): Tensor => images[index] as Tensor
  const classOf = (name: string) => ({
    name,
    images: { length: images.length, read },
    prototypes: { normal: unit(`${name} n`), abnormal: unit(`${name} a`) },
  })
  const base = heads === 'shared' ? PRETRAIN_PRESETS.tab : PRETRAIN_PRESETS.paper
  return pretrain({
    backbone: createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer2' }),
    classes: [classOf('bolt'), classOf('nut')],
    anomalies: corner,
    settings: {
      ...base,
      heads,
      imageSize: 32,
      steps: 2,
      pairs: 4,
      classesPerStep: 2,
      trainableStages: ['layer2'],
      imageLayer: 'layer2',
      patchLayers: ['layer1'],
      losses: { ...base.losses, patchAlignment: 1 },
    },
    seed: 2,
  })
}

/** What the network says with the functions that it is trained by: cosines less cosines of images, and of layer1's positions. */
function networkScores({ backbone, alignment }: PretrainResult, images: Tensor, className: string) {
  return tf.tidy(() => {
    const network = trainableBackbone(backbone)
    const seen = new Map()
    const first = network.stage('layer1', network.stem(toEngine(images) as tf.Tensor4D, 'frozen', seen), 'frozen', seen)
    const second = network.stage('layer2', first, 'frozen', seen)
    const heads = new Map([...alignment.heads].map(([name, head]) => [name, toEngine(head)]))
    const prototypes = alignment.prototypes.get(className)
    const cosine = (z: tf.Tensor, state: 'normal' | 'abnormal'): tf.Tensor =>
      tf.matMul(tf.reshape(z, [-1, 8]), tf.reshape(toEngine(prototypes?.[state] as Tensor), [8, 1]))
    const pooled = tf.mean(second, [1, 2]) as tf.Tensor2D
    const ofImages = (state: 'normal' | 'abnormal'): tf.Tensor =>
      cosine(imageHead(pooled, heads, alignment.sharedHead ? 'image' : `image.${state}`), state)
    const patches = patchHead(first, heads, 'layer1')
    const scale = similarityScale(heads.get('logScale') as tf.Scalar)
    const probability = tf.sigmoid(tf.mul(scale, tf.sub(cosine(patches, 'abnormal'), cosine(patches, 'normal'))))
    network.dispose()
    return {
      stateScores: [...tf.sub(ofImages('abnormal'), ofImages('normal')).dataSync()],
      scale: scale.dataSync()[0] as number,
      grid: first.shape.slice(0, 3),
      patches: [...probability.dataSync()],
    }
  })
}

describe('textGuided on what pretrain left', () => {
  let before = 0
  beforeAll(async () => {
    await selectEngine({ prefer: ['wasm'], threads: 1 })
    before = tf.memory().numTensors
  })
  afterAll(() => expect(tf.memory().numTensors).toBe(before))

  test.each(['shared', 'separate'] as const)('%s heads: its scores are those of the trained network', async (heads) => {
    const result = await trained(heads)
    const images = randomTensor('images', [3, 32, 48, 3])
    const model = exportOnnx(result.backbone, { layers: ['layer1', 'layer2'] })
    const extractor = await onnxExtractor({ ort, model })
    const alignment = loadAlignment(saveAlignment(result.alignment))
    const options = { extractor, backend: onnxBackend({ ort }), alignment, className: 'nut' }
    const wanted = networkScores(result, images, 'nut')
    const byImage = await (await textGuided({ ...options, patchWeight: 0 }).fit()).predict(images)
    byImage.scores.data.forEach((probability, index) => {
      const stateScore = Math.log(probability / (1 - probability)) / wanted.scale
      expect(Math.abs(stateScore - (wanted.stateScores[index] as number))).toBeLessThan(1e-4)
    })
    const byPatch = await (await textGuided({ ...options, patchWeight: 1, sigma: 0 }).fit()).predict(images)
    const grid = tensor(wanted.grid, Float32Array.from(wanted.patches))
    ensureClose('maps', byPatch.maps, anomalyMaps(grid, [32, 48], 0), { relative: 1e-4, absolute: 1e-6 })
    expect(() => textGuided({ ...options, alignment: { ...alignment, backbone: '0'.repeat(16) } })).toThrow(
      'the extractor of the aligned backbone',
    )
    extractor.dispose()
  })
})
