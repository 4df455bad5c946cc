import type { TextAlignment } from '@tab/adapters'
import { sizeOf, tensor, type FeatureExtractor, type Tensor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'

const unit = (values: readonly number[]): Tensor => {
  const norm = Math.hypot(...values)
  return tensor(
    [values.length],
    Float32Array.from(values, (value) => value / norm),
  )
}

/** An alignment of random weights: nothing that means anything, for what must hold of any numbers. */
export function randomAlignment(extractor: FeatureExtractor, dimension: number, sharedHead: boolean): TextAlignment {
  const channels = (name: string): number => extractor.layers.find((layer) => layer.name === name)?.channels as number
  const draw = (name: string, shape: readonly number[]): [string, Tensor] => [name, randomTensor(name, shape, -1, 1)]
  const heads = new Map<string, Tensor>([['logScale', tensor([], Float32Array.of(1.2))]])
  for (const prefix of sharedHead ? ['image'] : ['image.normal', 'image.abnormal']) {
    for (const [name, head] of [
      draw(`${prefix}.fc1.weight`, [channels('layer3'), dimension]),
      draw(`${prefix}.fc1.bias`, [dimension]),
      draw(`${prefix}.fc2.weight`, [dimension, dimension]),
      draw(`${prefix}.fc2.bias`, [dimension]),
      draw(`${prefix}.norm.weight`, [dimension]),
      draw(`${prefix}.norm.bias`, [dimension]),
    ]) {
      heads.set(name, head)
    }
  }
  for (const layer of ['layer1', 'layer2']) {
    heads.set(...draw(`patch.${layer}.weight`, [channels(layer), dimension]))
    heads.set(...draw(`patch.${layer}.bias`, [dimension]))
  }
  const prototype = (name: string): Tensor => unit([...randomTensor(name, [dimension], -1, 1).data])
  return {
    heads,
    prototypes: new Map([['bolt', { normal: prototype('T_n'), abnormal: prototype('T_a') }]]),
    imageLayer: 'layer3',
    patchLayers: ['layer2', 'layer1'],
    sharedHead,
    backbone: extractor.id,
  }
}

/**
 * An alignment that tells images from spoiled ones: every projection is (-t, t, 1, 0), with t along the difference of the mean features,
 * 0 half-way; normal is the first axis, abnormal the second.
 */
export async function tellingAlignment(
  extractor: FeatureExtractor,
  normals: Tensor,
  spoiled: Tensor,
): Promise<TextAlignment> {
  const layers = ['layer1', 'layer2', 'layer3']
  const [good, bad] = [await extractor.extract(normals, layers), await extractor.extract(spoiled, layers)]
  const linear = (layer: string): { weight: Tensor; bias: Tensor } => {
    const [low, high] = [meanOf(good.get(layer) as Tensor), meanOf(bad.get(layer) as Tensor)]
    const difference = high.map((value, c) => value - (low[c] as number))
    const length = difference.reduce((sum, value) => sum + value * value, 0)
    const w = difference.map((value) => value / length)
    const offset = w.reduce((sum, value, c) => sum + value * (((low[c] as number) + (high[c] as number)) / 2), 0)
    return {
      weight: tensor([w.length, 4], Float32Array.from(w.flatMap((value) => [-value, value, 0, 0]))),
      bias: tensor([4], Float32Array.of(offset, -offset, 1, 0)),
    }
  }
  const [image, ...patches] = [linear('layer3'), linear('layer1'), linear('layer2')]
  const heads = new Map<string, Tensor>([
    ['logScale', tensor([], Float32Array.of(1))],
    ['image.fc1.weight', image?.weight as Tensor],
    ['image.fc1.bias', image?.bias as Tensor],
    ['image.fc2.weight', tensor([4, 4], new Float32Array(16))],
    ['image.fc2.bias', tensor([4], new Float32Array(4))],
    ['image.norm.weight', tensor([4], new Float32Array(4).fill(1))],
    ['image.norm.bias', tensor([4], new Float32Array(4))],
  ])
  patches.forEach(({ weight, bias }, index) => {
    heads.set(`patch.layer${index + 1}.weight`, weight)
    heads.set(`patch.layer${index + 1}.bias`, bias)
  })
  return {
    heads,
    prototypes: new Map([['stripes', { normal: unit([1, 0, 0, 0]), abnormal: unit([0, 1, 0, 0]) }]]),
    imageLayer: 'layer3',
    patchLayers: ['layer1', 'layer2'],
    sharedHead: true,
    backbone: extractor.id,
  }
}

/** Mean of each channel. */
function meanOf({ shape, data }: Tensor): number[] {
  const channels = shape.at(-1) as number
  const sums = new Array<number>(channels).fill(0)
  data.forEach((value, index) => (sums[index % channels] = (sums[index % channels] as number) + value))
  return sums.map((sum) => (sum * channels) / sizeOf(shape))
}

/** Vertical stripes, with a dark square in the middle or without. */
export function stripedImage(spoilt: boolean): Tensor {
  const data = new Float32Array(64 * 64 * 3)
  for (let y = 0; y < 64; y++) {
    for (let x = 0; x < 64; x++) {
      const dark = spoilt && y >= 24 && y < 40 && x >= 24 && x < 40
      data.fill(dark ? 0.02 : x % 16 < 8 ? 0.75 : 0.25, (y * 64 + x) * 3, (y * 64 + x + 1) * 3)
    }
  }
  return tensor([1, 64, 64, 3], data)
}
