import type { Tensor } from '@tab/core'
import { interpolateTurbo } from 'd3-scale-chromatic'

const LEVELS = 256
const COLOURS = Array.from({ length: LEVELS }, (_, level) =>
  (interpolateTurbo(level / (LEVELS - 1)).match(/\d+/g) ?? []).map(Number),
)

/** The colours of a heatmap, from low to high, as a CSS image. */
export const SCALE = `linear-gradient(90deg, ${[0.1, 0.3, 0.5, 0.7, 0.9].map(interpolateTurbo).join(', ')})`

/** Shows an image [H,W,3] in [0,1], pixel for pixel. */
export function paintImage(canvas: HTMLCanvasElement, { shape, data }: Tensor): void {
  paint(canvas, shape[0] as number, shape[1] as number, (at) =>
    [0, 1, 2].map((channel) => 255 * (data[at * 3 + channel] as number)).concat(255),
  )
}

/**
 * Shows an anomaly map [H,W] in colours: green, the middle, is the pixel threshold, and red is twice as much. What is far below
 * the threshold is left clear, so that good parts keep their own colours.
 */
export function paintHeat(canvas: HTMLCanvasElement, { shape, data }: Tensor, threshold: number): void {
  paint(canvas, shape[0] as number, shape[1] as number, (at) => {
    const share = Math.min(1, Math.max(0, (data[at] as number) / (2 * threshold)))
    return [...(COLOURS[Math.round(share * (LEVELS - 1))] as number[]), 255 * Math.min(1, Math.max(0, 4 * share - 1))]
  })
}

function paint(canvas: HTMLCanvasElement, height: number, width: number, colour: (at: number) => number[]): void {
  canvas.height = height
  canvas.width = width
  const pixels = new ImageData(width, height)
  for (let at = 0; at < height * width; at++) pixels.data.set(colour(at), at * 4) // rounds
  canvas.getContext('2d')?.putImageData(pixels, 0, 0)
}
