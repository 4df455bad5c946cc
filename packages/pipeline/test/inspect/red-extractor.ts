import { tensor, type FeatureExtractor } from '@tab/core'

/** The red of every pixel as its one feature, so that scores can be worked out by hand. Counts how often it was disposed of. */
export function redExtractor(): FeatureExtractor & { readonly disposals: () => number } {
  let disposed = 0
  return {
    id: 'red',
    layers: [{ name: 'pixels', channels: 1, stride: 1 }],
    async extract({ shape, data }, layers) {
      const [count, height, width] = shape as [number, number, number]
      const red = Float32Array.from({ length: count * height * width }, (_, pixel) => data[pixel * 3] as number)
      return new Map(layers.map((name) => [name, tensor([count, height, width, 1], red)]))
    },
    dispose: () => void disposed++,
    disposals: () => disposed,
  }
}
