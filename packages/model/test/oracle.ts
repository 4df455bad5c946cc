import { readFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import { tensor, type Tensor } from '@tab/core'
import { sharedFile } from '../../../test/shared.ts'

/** Real weights, whose features were computed by another program. */
export const ORACLE_WEIGHTS = 'weights/resnet18-imagenet1k-v1-to-layer3.safetensors'

interface OracleLayer {
  readonly mean: number
  readonly std: number
  readonly max: number
  readonly channel0_row0_first8: readonly number[]
  readonly channel5_row7_first8: readonly number[]
  readonly channelMeans_first8: readonly number[]
}

/** The image that the features are of, [1,224,224,3]. */
export function oracleImage(): Tensor {
  const image = new Float32Array(224 * 224 * 3)
  image.forEach((_, index) => {
    const [y, x, c] = [Math.floor(index / 672), Math.floor(index / 3) % 224, index % 3]
    image[index] = ((7 * x + 13 * y + 29 * c + x * y) % 256) / 255
  })
  return tensor([1, 224, 224, 3], image)
}

/** Compares features [1,h,w,C] of layer1 to layer3 with those of the other program, to 1e-4 of max(1, |value|). */
export function checkAgainstOracle(featuresOf: (layer: string) => Tensor): void {
  const { layers } = JSON.parse(readFileSync(sharedFile('oracles/resnet18-features.json'), 'utf8')) as {
    layers: Record<string, OracleLayer>
  }
  for (const [name, wanted] of Object.entries(layers)) {
    const { shape, data } = featuresOf(name)
    const [, height, width, channels] = shape as [number, number, number, number]
    const at = (y: number, x: number, c: number) => data[(y * width + x) * channels + c] as number
    const close = (actual: number, value: number) =>
      expect(Math.abs(actual - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)))
    for (let i = 0; i < 8; i++) {
      close(at(0, i, 0), wanted.channel0_row0_first8[i] as number)
      close(at(7, i, 5), wanted.channel5_row7_first8[i] as number)
      let sum = 0
      for (let p = 0; p < height * width; p++) sum += data[p * channels + i] as number
      close(sum / (height * width), wanted.channelMeans_first8[i] as number)
    }
    const mean = data.reduce((total, value) => total + value, 0) / data.length
    close(mean, wanted.mean)
    close(Math.sqrt(data.reduce((total, value) => total + (value - mean) ** 2, 0) / data.length), wanted.std)
    close(
      data.reduce((most, value) => Math.max(most, value), 0),
      wanted.max,
    )
  }
}
