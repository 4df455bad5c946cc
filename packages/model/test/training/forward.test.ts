import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { toEngine, toHost } from '@tab/backend-tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { tensor, type Tensor } from '@tab/core'
import { ensureClose, randomTensor } from '@tab/core/testing'
import { ARCHITECTURES, exportOnnx, loadBackbone, STAGES, weightsDigest, type Stage } from '@tab/model'
import { trainableBackbone, type SeenStatistics } from '@tab/model/training'
import * as ort from 'onnxruntime-node'
import { sharedFile, testWithShared } from '../../../../test/shared.ts'
import { trainingBatchNorm, type BatchStatistics } from '../../src/training/network/batch-norm.ts'
import { resizeBilinear } from '../../src/training/network/joint-features.ts'
import { checkAgainstOracle, oracleImage, ORACLE_WEIGHTS } from '../oracle.ts'
import { narrowBackbone } from '../narrow-backbone.ts'
import { randomBackbone } from '../random-backbone.ts'

let before = 0
beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 1 })
  before = tf.memory().numTensors
})
afterAll(() => expect(tf.memory().numTensors).toBe(before))

describe('trainableBackbone', () => {
  test.each(ARCHITECTURES)(
    '%s gives the features of its ONNX export, and its own weights back',
    async (architecture) => {
      const backbone = narrowBackbone(architecture, 'layer4') // at full width the trained copies of a wide network take a minute
      const images = randomTensor('images', [2, 48, 40, 3])
      const network = trainableBackbone(backbone)
      const session = await ort.InferenceSession.create(exportOnnx(backbone, { layers: STAGES }))
      const wanted = await session.run({ images: new ort.Tensor('float32', images.data, images.shape) })
      const features = tf.tidy(() => {
        let value = network.stem(toEngine(images) as tf.Tensor4D, 'frozen', new Map())
        return STAGES.map((stage) => (value = network.stage(stage, value, 'frozen', new Map())))
      })
      for (const [index, stage] of STAGES.entries()) {
        const { data, dims } = wanted[stage] as ort.Tensor
        const scale = (data as Float32Array).reduce((most, value) => Math.max(most, value), 0)
        ensureClose(stage, await toHost(features[index] as tf.Tensor), tensor(dims, data as Float32Array), {
          relative: 1e-4,
          absolute: 1e-5 * scale,
        })
      }
      expect(weightsDigest(await network.toBackbone())).toBe(weightsDigest(backbone))
      tf.dispose(features)
      network.dispose()
    },
  )

  test.each(ARCHITECTURES)(
    '%s with BatchNorm in training is the network that has the statistics of the batch as its own',
    async (architecture) => {
      const lastStage = architecture === 'resnet18' ? 'layer4' : 'layer2'
      const backbone = randomBackbone(architecture, lastStage)
      const images = randomTensor('images', [4, 64, 48, 3])
      const network = trainableBackbone(backbone)
      const seen: SeenStatistics = new Map()
      const output = tf.tidy(() =>
        backbone.layers.reduce(
          (value, { name }) => network.stage(name as Stage, value, 'train', seen),
          network.stem(toEngine(images) as tf.Tensor4D, 'train', seen),
        ),
      )
      const parameters = new Map(backbone.parameters)
      for (const [prefix, { mean, variance }] of seen) {
        parameters.set(`${prefix}.running_mean`, await toHost(mean))
        parameters.set(`${prefix}.running_var`, await toHost(variance))
      }
      const session = await ort.InferenceSession.create(
        exportOnnx({ ...backbone, parameters }, { layers: [lastStage] }),
      )
      const wanted = await session.run({ images: new ort.Tensor('float32', images.data, images.shape) })
      const { data, dims } = wanted[lastStage] as ort.Tensor
      const scale = (data as Float32Array).reduce((most, value) => Math.max(most, value), 0)
      ensureClose(lastStage, await toHost(output), tensor(dims, data as Float32Array), {
        relative: 1e-4,
        absolute: 1e-5 * scale,
      })
      network.updateStatistics(seen)
      output.dispose()
      network.dispose()
    },
  )

  testWithShared(ORACLE_WEIGHTS, 'real weights give the features of the independent run', async () => {
    const { backbone } = loadBackbone(readFileSync(sharedFile(ORACLE_WEIGHTS)))
    const network = trainableBackbone(backbone, STAGES)
    const features = new Map<string, Tensor>()
    let value = tf.tidy(() => network.stem(toEngine(oracleImage()) as tf.Tensor4D, 'frozen', new Map()))
    for (const { name } of backbone.layers) {
      const next = tf.tidy(() => network.stage(name as Stage, value, 'frozen', new Map()))
      value.dispose()
      value = next
      features.set(name, await toHost(value))
    }
    checkAgainstOracle((layer) => features.get(layer) as Tensor)
    value.dispose()
    network.dispose()
  })

  test('BatchNorm in training by the definition: mean 0, the weight as deviation, by the biased variance', async () => {
    const x = randomTensor('x', [3, 2, 2, 2], -1, 4)
    const [gamma, beta] = [
      [1.5, -2],
      [0.25, 3],
    ] as const
    const of = (channel: number) => x.data.filter((_, index) => index % 2 === channel)
    const mean = [0, 1].map((channel) => of(channel).reduce((sum, value) => sum + value, 0) / 12)
    const variance = [0, 1].map((channel) =>
      of(channel).reduce((sum, value) => sum + (value - (mean[channel] as number)) ** 2 / 12, 0),
    )
    const wanted = x.data.map((value, index) => {
      const channel = (index % 2) as 0 | 1
      const centred = value - (mean[channel] as number)
      return (centred / Math.sqrt((variance[channel] as number) + 1e-5)) * gamma[channel] + beta[channel]
    })
    const statistics: BatchStatistics[] = []
    const output = tf.tidy(() =>
      trainingBatchNorm(toEngine(x) as tf.Tensor4D, tf.tensor1d([...gamma]), tf.tensor1d([...beta]), (batch) =>
        statistics.push(batch),
      ),
    )
    ensureClose('output', await toHost(output), tensor([3, 2, 2, 2], wanted), { relative: 1e-4, absolute: 1e-5 })
    const [batch] = statistics as [BatchStatistics]
    expect(batch.count).toBe(12)
    for (const [channel, value] of (await batch.variance.data()).entries()) {
      expect(value).toBeCloseTo(variance[channel] as number, 5)
    }
    tf.dispose([output, batch.mean, batch.variance])
  })

  test('BatchNorm in training works with the statistics of the batch and moves its own, as torch', async () => {
    const backbone = randomBackbone('resnet18', 'layer1')
    const network = trainableBackbone(backbone)
    const seen: SeenStatistics = new Map()
    const images = randomTensor('images', [3, 16, 16, 3])
    tf.tidy(() => void network.stem(toEngine(images) as tf.Tensor4D, 'train', seen))
    const batch = seen.get('bn1')
    const [mean, variance] = [await toHost(batch?.mean as tf.Tensor), await toHost(batch?.variance as tf.Tensor)]
    expect(batch?.count).toBe(3 * 8 * 8)
    const running = (name: string) => backbone.parameters.get(`bn1.${name}`)?.data as Float32Array
    network.updateStatistics(seen)
    const { parameters } = await network.toBackbone()
    for (const channel of [0, 31, 63]) {
      const moved = (name: string) => parameters.get(`bn1.${name}`)?.data[channel]
      expect(moved('running_mean')).toBeCloseTo(
        0.9 * (running('running_mean')[channel] as number) + 0.1 * (mean.data[channel] as number),
        5,
      )
      const unbiased = ((variance.data[channel] as number) * 192) / 191
      expect(moved('running_var')).toBeCloseTo(0.9 * (running('running_var')[channel] as number) + 0.1 * unbiased, 5)
    }
    network.dispose()
  })

  test('every BatchNorm of a stage sees its batch', async () => {
    const network = trainableBackbone(randomBackbone('resnet18', 'layer1'))
    const seen: SeenStatistics = new Map()
    const input = toEngine(randomTensor('input', [4, 8, 8, 64])) as tf.Tensor4D
    const output = tf.tidy(() => network.stage('layer1', input, 'train', seen))
    expect([...seen.keys()].sort()).toEqual(['layer1.0.bn1', 'layer1.0.bn2', 'layer1.1.bn1', 'layer1.1.bn2'])
    network.updateStatistics(seen)
    tf.dispose([input, output])
    network.dispose()
  })
})

describe('resizeBilinear', () => {
  test('equals hand-worked values with half-pixel centres', async () => {
    const result = tf.tidy(() => resizeBilinear(tf.tensor4d([0, 4], [1, 1, 2, 1]), 1, 4))
    expect([...(await result.data())]).toEqual([0, 1, 3, 4])
    result.dispose()
  })
})
