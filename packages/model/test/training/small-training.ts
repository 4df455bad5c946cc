import { tensor, tensorOf, type AnomalySynthesizer, type Tensor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import {
  PRETRAIN_PRESETS,
  type CheckpointStore,
  type PretrainOptions,
  type PretrainSettings,
  type TrainingClass,
} from '@tab/model/training'
import { narrowBackbone } from '../narrow-backbone.ts'

/** Grey noise with a white square as the defect. */
export const square: AnomalySynthesizer = {
  name: 'square',
  synthesize({ shape, data }, rng) {
    const [height, width] = shape as [number, number]
    const [top, left] = [Math.floor(rng() * (height - 12)), Math.floor(rng() * (width - 12))]
    const image = Float32Array.from(data)
    const mask = new Uint8Array(height * width)
    for (let y = top; y < top + 12; y++) {
      for (let x = left; x < left + 12; x++) {
        mask[y * width + x] = 1
        image.fill(1, (y * width + x) * 3, (y * width + x + 1) * 3)
      }
    }
    return { image: tensor(shape, image), mask: tensorOf('uint8', [height, width], mask) }
  },
}

/** A unit vector of 8 numbers. */
export function unit(seed: string): Tensor {
  const { data } = randomTensor(seed, [8], -1, 1)
  const norm = Math.hypot(...data)
  return tensor(
    [8],
    data.map((value) => value / norm),
  )
}

/** A class of images of noise. */
export function someClass(name: string, count = 8): TrainingClass {
  const images = Array.from({ length: count }, (_, index) => randomTensor(`${name}${index}`, [32, 40, 3], 0.3, 0.6))
  return {
    name,
    images: { length: count, read: (index) => images[index] as Tensor },
    prototypes: { normal: unit(`${name} normal`), abnormal: unit(`${name} abnormal`) },
  }
}

export const settings: PretrainSettings = {
  ...PRETRAIN_PRESETS.tab,
  imageSize: 32,
  steps: 4,
  pairs: 4,
  classesPerStep: 2,
  trainableStages: ['layer2'],
  imageLayer: 'layer2',
  patchLayers: ['layer1', 'layer2'],
}

/** A training of milliseconds a step. */
export function base(): PretrainOptions {
  return {
    backbone: narrowBackbone('resnet18', 'layer2'),
    classes: [someClass('bolt'), someClass('nut')],
    anomalies: square,
    settings,
    seed: 5,
  }
}

/** Keeps every state that was saved. */
export function memoryStore(): CheckpointStore & { saved: Uint8Array[] } {
  const saved: Uint8Array[] = []
  return { saved, load: async () => saved.at(-1), save: async (bytes) => void saved.push(bytes) }
}
