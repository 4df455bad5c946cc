import { createRng, TabError, tensor, type FeatureExtractor, type Tensor } from '@tab/core'

/** A small fixed network without an engine: block means of colour and contrast, through random weights. */
export function tinyExtractor(seed = 1): FeatureExtractor {
  const layers = [
    { name: 'layer1', channels: 8, stride: 4 },
    { name: 'layer2', channels: 12, stride: 8 },
    { name: 'layer3', channels: 16, stride: 16 },
  ]
  let disposed = false
  return {
    id: `tiny-${seed}`,
    layers,
    async extract(images, wanted) {
      if (disposed) throw new TabError('DISPOSED', { where: 'tiny', message: 'used after dispose()' })
      return new Map(
        wanted.map((name) => {
          const layer = layers.find((candidate) => candidate.name === name)
          if (!layer) throw new TabError('NOT_FOUND', { where: 'tiny', message: name })
          return [name, pool(images, layer.stride, layer.channels, seed)]
        }),
      )
    },
    dispose() {
      disposed = true
    },
  }
}

function pool(images: Tensor, stride: number, channels: number, seed: number): Tensor {
  const [count, height, width] = images.shape as [number, number, number]
  const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)]
  const rng = createRng(seed * 100 + stride)
  const weights = Array.from({ length: channels * 6 }, () => rng() - 0.5)
  const result = new Float32Array(count * rows * columns * channels)
  for (let n = 0; n < count; n++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const moments = [0, 0, 0, 0, 0, 0]
        let pixels = 0
        for (let dy = y * stride; dy < Math.min(height, (y + 1) * stride); dy++) {
          for (let dx = x * stride; dx < Math.min(width, (x + 1) * stride); dx++) {
            pixels++
            for (let c = 0; c < 3; c++) {
              const value = images.data[((n * height + dy) * width + dx) * 3 + c] as number
              moments[c] = (moments[c] as number) + value
              moments[c + 3] = (moments[c + 3] as number) + value * value
            }
          }
        }
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0
          moments.forEach((moment, i) => (sum += (moment / pixels) * (weights[channel * 6 + i] as number)))
          result[((n * rows + y) * columns + x) * channels + channel] = sum
        }
      }
    }
  }
  return tensor([count, rows, columns, channels], result)
}
