export { imageFromSource, type BrowserImageSource } from './image-from-source.ts'
export { readImage, type BrowserImageFile } from './read-image.ts'
