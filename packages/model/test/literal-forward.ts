import { tensor, type Tensor } from '@tab/core'
import type { Backbone, ConvolutionSpec } from '@tab/model'

/** [C,H,W] in float64. */
interface FeatureMap {
  readonly channels: number
  readonly height: number
  readonly width: number
  readonly data: Float64Array
}

/** The network by its definition: convolution, then BatchNorm unfolded, in float64; features [h,w,C] of one image [H,W,3]. */
export function literalForward(backbone: Backbone, image: Tensor): Map<string, Tensor> {
  const { network, parameters, normalization } = backbone
  const [height, width] = image.shape as [number, number]
  let value: FeatureMap = { channels: 3, height, width, data: new Float64Array(3 * height * width) }
  image.data.forEach((pixel, index) => {
    const channel = index % 3
    const normalised = (pixel - (normalization.mean[channel] as number)) / (normalization.std[channel] as number)
    value.data[channel * height * width + Math.floor(index / 3)] = normalised
  })
  const convolve = (input: FeatureMap, spec: ConvolutionSpec) => convolveAndNormalise(input, spec, parameters)
  value = maxPool(relu(convolve(value, network.stem)))
  const layers = new Map<string, Tensor>()
  for (const { stage, convolutions, downsample } of network.blocks) {
    const shortcut = downsample ? convolve(value, downsample) : value
    convolutions.forEach((spec, index) => {
      value = convolve(value, spec)
      if (index < convolutions.length - 1) value = relu(value)
    })
    value = relu({ ...value, data: value.data.map((x, index) => x + (shortcut.data[index] as number)) })
    layers.set(stage, channelsLast(value))
  }
  return layers
}

function convolveAndNormalise(
  input: FeatureMap,
  spec: ConvolutionSpec,
  parameters: ReadonlyMap<string, Tensor>,
): FeatureMap {
  const { kernel, stride, padding, outputChannels } = spec
  const weight = parameters.get(`${spec.convolution}.weight`)?.data as Float32Array
  const part = (name: string) => parameters.get(`${spec.batchNorm}.${name}`)?.data as Float32Array
  const [gamma, beta, mean, variance] = [part('weight'), part('bias'), part('running_mean'), part('running_var')]
  const height = Math.floor((input.height + 2 * padding - kernel) / stride) + 1
  const width = Math.floor((input.width + 2 * padding - kernel) / stride) + 1
  const data = new Float64Array(outputChannels * height * width)
  for (let o = 0; o < outputChannels; o++) {
    const scale = (gamma[o] as number) / Math.sqrt((variance[o] as number) + 1e-5)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0
        for (let c = 0; c < input.channels; c++) {
          for (let ky = 0; ky < kernel; ky++) {
            const iy = y * stride + ky - padding
            if (iy < 0 || iy >= input.height) continue
            for (let kx = 0; kx < kernel; kx++) {
              const ix = x * stride + kx - padding
              if (ix < 0 || ix >= input.width) continue
              sum +=
                (input.data[(c * input.height + iy) * input.width + ix] as number) *
                (weight[((o * input.channels + c) * kernel + ky) * kernel + kx] as number)
            }
          }
        }
        data[(o * height + y) * width + x] = (sum - (mean[o] as number)) * scale + (beta[o] as number)
      }
    }
  }
  return { channels: outputChannels, height, width, data }
}

function relu(map: FeatureMap): FeatureMap {
  return { ...map, data: map.data.map((x) => Math.max(0, x)) }
}

function maxPool({ channels, height, width, data }: FeatureMap): FeatureMap {
  const [outHeight, outWidth] = [Math.ceil(height / 2), Math.ceil(width / 2)]
  const result = new Float64Array(channels * outHeight * outWidth).fill(-Infinity)
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let oy = 0; oy < outHeight; oy++) {
          if (Math.abs(2 * oy - y) > 1) continue
          for (let ox = 0; ox < outWidth; ox++) {
            if (Math.abs(2 * ox - x) > 1) continue
            const at = (c * outHeight + oy) * outWidth + ox
            result[at] = Math.max(result[at] as number, data[(c * height + y) * width + x] as number)
          }
        }
      }
    }
  }
  return { channels, height: outHeight, width: outWidth, data: result }
}

function channelsLast({ channels, height, width, data }: FeatureMap): Tensor {
  const result = new Float32Array(data.length)
  data.forEach((value, index) => {
    result[(index % (height * width)) * channels + Math.floor(index / (height * width))] = value
  })
  return tensor([height, width, channels], result)
}
