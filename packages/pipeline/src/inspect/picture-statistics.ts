import type { Tensor } from '@tab/core'

/** What of a picture tells the camera from the part. */
export interface PictureStatistics {
  /** Variance of the Laplacian of its luminance (Pech-Pacheco et al., ICPR 2000): low where it is out of focus. */
  readonly focus: number
  /** Mean of its luminance, from 0 to 1. */
  readonly exposure: number
}

/** @param image [H,W,3] in [0,1], as the detector sees it */
export function pictureStatistics({ shape, data }: Tensor): PictureStatistics {
  const [height, width] = shape as [number, number, number]
  const grey = new Float32Array(height * width)
  let light = 0
  for (let at = 0; at < grey.length; at++) {
    const [red, green, blue] = [data[3 * at], data[3 * at + 1], data[3 * at + 2]] as [number, number, number]
    light += grey[at] = 0.299 * red + 0.587 * green + 0.114 * blue
  }
  let [sum, squares] = [0, 0]
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      const beside = (grey[at - 1] as number) + (grey[at + 1] as number)
      const above = (grey[at - width] as number) + (grey[at + width] as number)
      const laplacian = beside + above - 4 * (grey[at] as number)
      sum += laplacian
      squares += laplacian * laplacian
    }
  }
  const inner = Math.max(1, (height - 2) * (width - 2))
  return { focus: squares / inner - (sum / inner) ** 2, exposure: light / grey.length }
}
