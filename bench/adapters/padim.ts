// PaDiM from layer features on: fit and predict on ONNX Runtime against torch, 2 threads each.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { padim } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { tensor, type FeatureExtractor, type Tensor } from '@tab/core'
import { randomTensor, sliceBatch } from '@tab/core/testing'
import { compare } from '../alternate.ts'
import { startPython } from '../python.ts'

const BATCH = 8
const BATCHES = 4

interface Task {
  readonly name: string
  readonly dimensions: number
  /** Side of the image. */
  readonly side: number
  readonly layers: readonly { readonly channels: number; readonly side: number }[]
  /** Times that the 32 different images are shown. */
  readonly rounds: number
}

const grids = (side: number, ...channels: readonly number[]) =>
  channels.map((count, level) => ({ channels: count, side: side >> level }))

const TASKS: readonly Task[] = [
  { name: 'ResNet-18, 224 px, 192 normals', dimensions: 100, side: 224, layers: grids(56, 64, 128, 256), rounds: 6 },
  { name: 'ResNet-18, 224 px, 32 normals', dimensions: 100, side: 224, layers: grids(56, 64, 128, 256), rounds: 1 },
  {
    name: 'WideResNet-50-2 channels, grid of 8 x 8, 576 normals',
    dimensions: 550,
    side: 32,
    layers: grids(8, 256, 512, 1024),
    rounds: 18,
  },
]

/** Prints fit and predict of each task, the published loop and a batched form of it as peers. */
export async function benchPadim(): Promise<void> {
  const backend = onnxBackend({ ort: await loadOrt(), session: { intraOpNumThreads: 2 } })
  for (const task of TASKS) {
    const pool = Array.from({ length: BATCHES }, (_, batch) =>
      task.layers.map(({ channels, side }, layer) => randomTensor(`${batch} ${layer}`, [BATCH, side, side, channels])),
    )
    const images = tensor([BATCH, task.side, task.side, 3], new Float32Array(BATCH * task.side ** 2 * 3))
    const recipe = padim({ extractor: shows(task, pool), backend, dimensions: task.dimensions })
    const fit = () => recipe.fit(Array.from({ length: task.rounds * BATCHES }, () => images))
    const detector = await fit()
    const channels = [...(detector.state().tensors['channels'] as Tensor<'int32'>).data]
    const folder = mkdtempSync(join(tmpdir(), 'bench-padim-'))
    pool.forEach((layers, batch) =>
      layers.forEach(({ data }, layer) => writeFileSync(join(folder, `${batch}-${layer}.f32`), data)),
    )
    const shapes = task.layers.map(({ channels: count, side }) => [BATCH, side, side, count])
    const settings = { channels, shapes, batches: BATCHES, rounds: task.rounds, size: [task.side, task.side] }
    writeFileSync(join(folder, 'task.json'), JSON.stringify({ ...settings, mode: 'bilinear' }))
    const python = startPython('padim.py', ['numpy', 'torch'], [folder])
    if (python) {
      const peer = (name: string, call: string) => ({ name, run: () => python.call(call) })
      const fitting = { name: 'padim', run: async () => (await fit()).dispose() }
      await compare(`${task.name}, fit`, fitting, peer('torch, a position at a time', 'fit'), 3)
      await compare(`${task.name}, fit`, fitting, peer('torch, batched', 'fit batched'), 3)
      const one = sliceBatch(images, 0, 1)
      const predicting = { name: 'padim', run: () => detector.predict(one) }
      await compare(`${task.name}, predict one image`, predicting, peer('torch', 'predict'), 15)
      python.stop()
    }
    detector.dispose()
    rmSync(folder, { recursive: true })
  }
  backend.dispose()
}

/** An extractor that has the features ready: the batches of the pool, one after the other. */
function shows({ layers }: Task, pool: readonly (readonly Tensor[])[]): FeatureExtractor {
  let turn = 0
  const names = layers.map((_, layer) => `layer${layer + 1}`)
  return {
    id: 'ready features',
    layers: layers.map(({ channels }, layer) => ({ name: names[layer] as string, channels, stride: 4 << layer })),
    async extract(images) {
      const features = pool[turn++ % pool.length] as readonly Tensor[]
      const count = images.shape[0] as number
      return new Map(
        features.map((layer, at) => [names[at] as string, count === BATCH ? layer : sliceBatch(layer, 0, count)]),
      )
    },
    dispose: () => undefined,
  }
}
