import type { Tensor } from '@tab/core'
import { imageFileName, readImage, readPreparedImage, type ImageFile } from '@tab/data/node'
import type { ImageReading } from '../../inspect/open-inspector.ts'
import { pixelsOf, type DecodedImage } from '../../inspect/pixels-of.ts'

/** An image in Node: a file, as `readImage` of `@tab/data/node` takes it (path, bytes, `Blob`, `file:` or `data:` URL), or its pixels. */
export type NodeImage = ImageFile | Tensor | DecodedImage

/** Files are decoded by the one decoder, pixels taken as they are. */
export const NODE_IMAGES: ImageReading<NodeImage> = {
  read: (image) => (isDecoded(image) ? pixelsOf(image) : readImage(image)),
  readPrepared: (image, preparation) => (isDecoded(image) ? undefined : readPreparedImage(image, preparation)),
  nameOf: (image) => (isDecoded(image) ? 'inspector.inspect' : imageFileName(image)),
}

function isDecoded(image: NodeImage): image is Tensor | DecodedImage {
  return typeof image === 'object' && image !== null && ('dtype' in image || 'width' in image)
}
