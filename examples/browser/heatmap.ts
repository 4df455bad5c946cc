import type { Tensor } from '@tab/core'
import { toRgba, turbo } from '@tab/data'

/** The colours of a heatmap, from low to high, as a CSS image. */
export const SCALE = `linear-gradient(90deg, ${[0.1, 0.3, 0.5, 0.7, 0.9].map((value) => `rgb(${turbo(value).join(' ')})`).join(', ')})`

/** Shows an image [H,W,3] in [0,1], pixel for pixel. */
export function paintImage(canvas: HTMLCanvasElement, image: Tensor): void {
  const [height, width] = image.shape as [number, number]
  canvas.height = height
  canvas.width = width
  canvas.getContext('2d')?.putImageData(new ImageData(toRgba(image), width, height), 0, 0)
}
