import { tensor, type Tensor } from '@tab/core'

/** Turns images [N,H,W,3] in [0,1] into normalised [N,3,H,W]. */
export function toNormalizedNchw(images: Tensor, mean: readonly number[], std: readonly number[]): Float32Array {
  const [count, height, width] = images.shape as [number, number, number]
  const area = height * width
  const result = new Float32Array(images.data.length)
  for (let n = 0; n < count; n++) {
    for (let channel = 0; channel < 3; channel++) {
      const [shift, scale] = [mean[channel] as number, 1 / (std[channel] as number)]
      const target = (n * 3 + channel) * area
      const source = n * area * 3 + channel
      for (let i = 0; i < area; i++) result[target + i] = ((images.data[source + i * 3] as number) - shift) * scale
    }
  }
  return result
}

/** Turns features [N,C,h,w] into [N,h,w,C]. */
export function fromNchw(data: Float32Array, dims: readonly number[]): Tensor {
  const [count, channels, height, width] = dims as [number, number, number, number]
  const area = height * width
  const result = new Float32Array(data.length)
  for (let n = 0; n < count; n++) {
    for (let channel = 0; channel < channels; channel++) {
      const source = (n * channels + channel) * area
      const target = n * area * channels + channel
      for (let i = 0; i < area; i++) result[target + i * channels] = data[source + i] as number
    }
  }
  return tensor([count, height, width, channels], result)
}
