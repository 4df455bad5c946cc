import type { Tensor } from '@tab/core'
import { readImage, type BrowserImageFile, type BrowserImageSource } from '@tab/data/browser'
import type { ImageReading } from '../inspect/open-inspector.ts'

/** An image in a browser: a file, as `readImage` of `@tab/data/browser` takes it (`Blob`, bytes, address), what a canvas can draw, or a tensor. */
export type BrowserImage = BrowserImageFile | BrowserImageSource | Tensor

/** Files are decoded by the browser, pixels taken as they are. */
export const BROWSER_IMAGES: ImageReading<BrowserImage> = {
  read: (image) => (isTensor(image) ? image : readImage(image)),
  nameOf: (image) => (image instanceof File ? image.name : typeof image === 'string' ? image : 'inspector.inspect'),
}

function isTensor(image: BrowserImage): image is Tensor {
  return typeof image === 'object' && 'dtype' in image
}
