import type { Tensor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import { createBackbone } from '@tab/model'
import { PRETRAIN_PRESETS, type PretrainOptions, type PretrainSettings } from '@tab/model/training'
import { synthesizerOf } from '@tab/synth'

/** What is made of each image: half of the anomalies are cut and pasted, half are of Perlin noise. */
export const NOISE_ANOMALIES = {
  kind: 'mixture',
  parts: [
    [1, { kind: 'cutPaste' }],
    [1, { kind: 'perlinAnomaly' }],
  ],
} as const

/** A training of one class of 16 images of noise by the preset `tab`, on a ResNet-18 up to layer3 with random weights. */
export function noiseTraining(settings: Pick<PretrainSettings, 'imageSize' | 'steps' | 'pairs'>): PretrainOptions {
  const unit = (axis: number): Tensor => {
    const data = new Float32Array(64)
    data[axis] = 1
    return { dtype: 'float32', shape: [64], data }
  }
  const { imageSize: size } = settings
  const images = Array.from({ length: 16 }, (_, index) => randomTensor(`image${index}`, [size, size, 3]))
  return {
    backbone: createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer3' }),
    classes: [
      {
        name: 'noise',
        images: { length: images.length, read: (index) => images[index] as Tensor },
        prototypes: { normal: unit(0), abnormal: unit(1) },
      },
    ],
    anomalies: synthesizerOf(NOISE_ANOMALIES),
    settings: { ...PRETRAIN_PRESETS.tab, ...settings },
    seed: 1,
  }
}
