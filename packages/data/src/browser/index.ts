export { imageFromSource, type BrowserImageSource } from './image-from-source.ts'
