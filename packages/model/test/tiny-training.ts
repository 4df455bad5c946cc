import { tensor, tensorOf, type Tensor } from '@tab/core'
import type { Backbone } from '@tab/model'
import {
  PRETRAIN_PRESETS,
  type AnomalyStream,
  type PretrainOptions,
  type PretrainSettings,
  type TrainingClass,
} from '@tab/model/training'
import { narrowBackbone } from './narrow-backbone.ts'

/** Every number here is a formula that make_training.py has too, so that both programs train the same network on the same images. */
const SIZE = 32
const DIMENSION = 8
const CLASSES = ['bolt', 'nut']
const IMAGES = 6

/** Numbers that look random: a quadratic residue of the place, shifted by the letters of the name. */
function residues(name: string, count: number): Float64Array {
  let shift = 0
  for (let i = 0; i < name.length; i++) shift += (i + 1) * name.charCodeAt(i)
  return Float64Array.from({ length: count }, (_, i) => ((31 * i * i + 7919 * i + 104729 * shift) % 10007) / 10007)
}

/** ResNet-18 to layer2 with 4 and 8 channels, its BatchNorms not the identity. */
function tinyBackbone(): Backbone {
  const backbone = narrowBackbone('resnet18', 'layer2')
  const parameters = new Map(
    [...backbone.parameters].map(([name, { shape, data }]) => {
      const [low, high] = shape.length === 4 ? [-0.3, 0.3] : /running_var|weight/.test(name) ? [0.5, 1.5] : [-0.2, 0.2]
      const values = residues(name, data.length).map((value) => low + (high - low) * value)
      return [name, tensor(shape, Float32Array.from(values))]
    }),
  )
  return { ...backbone, parameters }
}

const images = CLASSES.map((_, place) =>
  Array.from({ length: IMAGES }, (_, index) => {
    const image = new Float32Array(SIZE * SIZE * 3)
    image.forEach((_, i) => {
      const [y, x, c] = [Math.floor(i / (3 * SIZE)), Math.floor(i / 3) % SIZE, i % 3]
      const wave = (x * (5 + index) + y * (11 + place) + 29 * c + 37 * index + 101 * place + x * y) % 64
      image[i] = (64 + wave + 16 * ((x >> 3) & 1)) / 256
    })
    return tensor([SIZE, SIZE, 3], image)
  }),
)

function unit(name: string): Tensor {
  const values = residues(name, DIMENSION).map((value) => 2 * value - 1)
  const norm = Math.hypot(...values)
  return tensor(
    [DIMENSION],
    Float32Array.from(values, (value) => value / norm),
  )
}

const classes: readonly TrainingClass[] = CLASSES.map((name, place) => ({
  name,
  images: { length: IMAGES, read: (index) => (images[place] as Tensor[])[index] as Tensor },
  prototypes: { normal: unit(`${name} normal`), abnormal: unit(`${name} abnormal`) },
}))

/** A bright square of 9 pixels, at a place that follows from the place of the image in the stream. */
function bright(image: Tensor, place: number): { image: Tensor; mask: Tensor<'uint8'> } {
  const [top, left] = [(5 * place) % 23, (11 * place) % 23]
  const data = Float32Array.from(image.data)
  const mask = new Uint8Array(SIZE * SIZE)
  for (let y = top; y < top + 9; y++) {
    for (let x = left; x < left + 9; x++) {
      mask[y * SIZE + x] = 1
      for (let c = 0; c < 3; c++) data[(y * SIZE + x) * 3 + c] = (255 - 20 * c) / 256
    }
  }
  return { image: tensor(image.shape, data), mask: tensorOf('uint8', [SIZE, SIZE], mask) }
}

/** `[class, image]` of everything that a training asks anomalies of, in order. */
export type Asked = (readonly [number, number])[]

function watched(asked: Asked): AnomalyStream {
  return async function* (stream, { firstIndex }) {
    let place = firstIndex
    for await (const image of stream) {
      const owner = images.findIndex((own) => own.some(({ data }) => data.every((value, i) => value === image.data[i])))
      const index = (images[owner] ?? []).findIndex(({ data }) => data.every((value, i) => value === image.data[i]))
      asked.push([owner, index])
      yield bright(image, place++)
    }
  }
}

const COMMON: PretrainSettings = {
  ...PRETRAIN_PRESETS.tab,
  imageSize: SIZE,
  steps: 5,
  pairs: 4,
  classesPerStep: 2,
  imageLayer: 'layer2',
  patchLayers: ['layer1', 'layer2'],
  dropout: 0,
  flips: 'none',
  minimumCrop: 1,
  colourJitter: 0,
}

/** What is trained; every number of the settings is in the golden file too. */
export const TRAININGS: Readonly<Record<string, PretrainSettings>> = {
  'frozen BatchNorm, AdamW': {
    ...COMMON,
    trainableStages: ['layer2'],
    batchNorm: 'frozen',
    losses: { classAlignment: 0, stateAlignment: 0.2, patchAlignment: 0.5, separation: 1, preservation: 3 },
    heads: 'shared',
    optimizer: 'adamw',
    learningRate: 2e-3,
    headLearningRate: 1e-2,
    weightDecay: 0.2,
    warmup: 0.4,
    clipNorm: 1,
    ema: null,
  },
  'training BatchNorm, SGD': {
    ...COMMON,
    accumulate: 2,
    trainableStages: ['layer1', 'layer2'],
    batchNorm: 'train',
    losses: { classAlignment: 1, stateAlignment: 0, patchAlignment: 0.5, separation: 0, preservation: 0.5 },
    heads: 'separate',
    optimizer: 'sgd',
    momentum: 0.9,
    learningRate: 1e-2,
    headLearningRate: 5e-2,
    weightDecay: 0.1,
    warmup: 0,
    clipNorm: 0.5,
    ema: 0.7,
  },
}

/** Options of a training, and what it has asked for so far. */
export function tinyTraining(settings: PretrainSettings): { options: PretrainOptions; asked: Asked } {
  const asked: Asked = []
  return { options: { backbone: tinyBackbone(), classes, anomalies: watched(asked), settings, seed: 3 }, asked }
}
