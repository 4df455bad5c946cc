import { TabError, tensor, type Tensor } from '@tab/core'

/** What a canvas can draw. */
export type BrowserImageSource =
  ImageBitmap | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement | ImageData

/**
 * The pixels of a browser's picture as an image [H,W,3] in [0,1]; transparency is dropped.
 * @throws INVALID_ARGUMENT for a picture that is not loaded yet (size 0); UNSUPPORTED without a 2d canvas, or for a floating-point
 *   `ImageData`
 * @example
 * ```ts no-run: needs a browser
 * import { imageFromSource } from '@tab/data/browser'
 * const picture = await createImageBitmap(await (await fetch('part.jpg')).blob())
 * console.log(imageFromSource(picture).shape)
 * ```
 */
export function imageFromSource(source: BrowserImageSource): Tensor {
  const { data, width, height } = 'data' in source ? source : readPixels(source)
  if (data.BYTES_PER_ELEMENT !== 1) {
    const expected = 'an ImageData of 8-bit levels'
    throw new TabError('UNSUPPORTED', { where: 'imageFromSource', expected, actual: data.constructor.name })
  }
  const pixels = new Float32Array(width * height * 3)
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < 3; channel++) pixels[i * 3 + channel] = (data[i * 4 + channel] as number) / 255
  }
  return tensor([height, width, 3], pixels)
}

function readPixels(source: Exclude<BrowserImageSource, ImageData>): ImageData {
  const where = 'imageFromSource'
  const [width, height] =
    'naturalWidth' in source
      ? [source.naturalWidth, source.naturalHeight]
      : 'videoWidth' in source
        ? [source.videoWidth, source.videoHeight]
        : [source.width, source.height]
  if (width === 0 || height === 0) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: 'a loaded picture',
      actual: `${width} x ${height} pixels`,
    })
  }
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  if (!context) throw new TabError('UNSUPPORTED', { where, message: 'this browser has no 2d canvas' })
  context.drawImage(source, 0, 0)
  return context.getImageData(0, 0, width, height)
}
