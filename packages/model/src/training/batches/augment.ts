import { randomUniform, tensor, type Rng, type SyntheticAnomaly, type Tensor } from '@tab/core'
import type { PretrainSettings } from '../settings.ts'

/**
 * A random crop of the image, resized bilinearly to the square that the network sees, and flipped. It comes before the synthesis, so a
 * pair and its mask stay aligned and no defect is cut away.
 * @param image [H,W,3]
 * @returns [S,S,3]
 */
export function cropAndFlip(
  image: Tensor,
  { imageSize, minimumCrop, flips }: Pick<PretrainSettings, 'imageSize' | 'minimumCrop' | 'flips'>,
  rng: Rng,
): Tensor {
  const [height, width] = image.shape as [number, number]
  const area = randomUniform(rng, minimumCrop, 1)
  const aspect = minimumCrop < 1 ? randomUniform(rng, 3 / 4, 4 / 3) : 1
  const cropHeight = Math.min(1, Math.sqrt(area / aspect)) * height
  const cropWidth = Math.min(1, Math.sqrt(area * aspect)) * width
  const top = rng() * (height - cropHeight)
  const left = rng() * (width - cropWidth)
  const mirrored = rng() < 0.5 && flips !== 'none'
  const turned = rng() < 0.5 && flips === 'both'
  const rows = lines(imageSize, top, cropHeight, height, turned)
  const columns = lines(imageSize, left, cropWidth, width, mirrored)
  const { data } = image
  const result = new Float32Array(imageSize * imageSize * 3)
  let at = 0
  for (const row of rows) {
    const [upperLine, lowerLine] = [row.low * width, row.high * width]
    for (const column of columns) {
      const { low, high, share } = column
      for (let channel = 0; channel < 3; channel++) {
        const upperLeft = data[(upperLine + low) * 3 + channel] as number
        const upperRight = data[(upperLine + high) * 3 + channel] as number
        const lowerLeft = data[(lowerLine + low) * 3 + channel] as number
        const lowerRight = data[(lowerLine + high) * 3 + channel] as number
        const upper = upperLeft * (1 - share) + upperRight * share
        const lower = lowerLeft * (1 - share) + lowerRight * share
        result[at++] = upper * (1 - row.share) + lower * row.share
      }
    }
  }
  return tensor([imageSize, imageSize, 3], result)
}

/** Source lines of each target line, with half-pixel centres. */
function lines(count: number, start: number, length: number, size: number, reversed: boolean) {
  return Array.from({ length: count }, (_, index) => {
    const line = reversed ? count - 1 - index : index
    const position = Math.min(Math.max(start + ((line + 0.5) * length) / count - 0.5, 0), size - 1)
    const low = Math.floor(position)
    return { low, high: Math.min(low + 1, size - 1), share: position - low }
  })
}

/** Brightness, contrast and saturation changed alike in both images of a pair; results are kept in [0,1]. */
export function jitterColours(normal: Tensor, anomaly: SyntheticAnomaly, strength: number, rng: Rng): [Tensor, Tensor] {
  if (strength === 0) return [normal, anomaly.image]
  const factor = (): number => 1 + strength * (2 * rng() - 1)
  const [brightness, contrast, saturation] = [factor(), factor(), factor()]
  const mean = normal.data.reduce((sum, value) => sum + value, 0) / normal.data.length
  const change = ({ shape, data }: Tensor): Tensor => {
    const result = new Float32Array(data.length)
    for (let i = 0; i < data.length; i += 3) {
      const [red, green, blue] = [data[i] as number, data[i + 1] as number, data[i + 2] as number]
      const grey = 0.299 * red + 0.587 * green + 0.114 * blue
      for (const [channel, value] of [red, green, blue].entries()) {
        const coloured = grey + saturation * (value - grey)
        result[i + channel] = Math.min(1, Math.max(0, brightness * (mean + contrast * (coloured - mean))))
      }
    }
    return tensor(shape, result)
  }
  return [change(normal), change(anomaly.image)]
}
