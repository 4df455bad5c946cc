import { TabError, tensor, type Tensor } from '@tab/core'

/** Decoded 8-bit pixels: RGB, or RGBA as `ImageData` and a raw `sharp` buffer have them. */
export interface DecodedImage {
  readonly width: number
  readonly height: number
  /** Row by row; 3 or 4 values from 0 to 255 a pixel. */
  readonly data: Uint8Array | Uint8ClampedArray
}

/**
 * The pixels of an image that is decoded; transparency is dropped.
 * @returns [H,W,3] in [0,1]
 * @throws INVALID_ARGUMENT for levels that are no whole number of pixels
 */
export function pixelsOf(image: Tensor | DecodedImage): Tensor {
  if ('dtype' in image) return image
  const { width, height, data } = image
  const area = width * height
  const channels = data.length / area
  if (data.BYTES_PER_ELEMENT !== 1 || (channels !== 3 && channels !== 4)) {
    const expected = `3 or 4 levels from 0 to 255 for each of ${height} x ${width} pixels`
    const actual = `${data.length} of ${data.BYTES_PER_ELEMENT} bytes`
    throw new TabError('INVALID_ARGUMENT', { where: 'inspector.inspect', expected, actual })
  }
  const pixels = new Float32Array(area * 3)
  for (let at = 0; at < area; at++) {
    for (let channel = 0; channel < 3; channel++) {
      pixels[at * 3 + channel] = (data[at * channels + channel] as number) / 255
    }
  }
  return tensor([height, width, 3], pixels)
}
