import { tensor, type DetectorRecipe, type Tensor } from '@tab/core'

const redOf = ({ shape, data }: Tensor, span: number): number[][] => {
  const [count, height, width] = shape as [number, number, number]
  const area = height * width
  return Array.from({ length: count }, (_, image) =>
    Array.from({ length: area }, (_, pixel) => ((data[(image * area + pixel) * 3] as number) - 0.5) * span),
  )
}

/** What stands for 0, and how many steps of 1 there are from black to white: values from -512 to 511 with the default. */
export const SPAN = 1024

/** Images of one row from the values of their pixels, which their red stands for. */
export function rows(pixels: readonly (readonly number[])[], span: number = SPAN): Tensor {
  const width = (pixels[0] as readonly number[]).length
  const data = Float32Array.from(pixels.flat().flatMap((value) => [0.5 + value / span, 0, 0]))
  return tensor([pixels.length, 1, width, 3], data)
}

/** Learns the mean value; a pixel's score is how far above it lies, an image's its highest pixel's. Counts its fits. */
export function brightness(span: number = SPAN): DetectorRecipe & { readonly fits: number[] } {
  const fits: number[] = []
  return {
    fits,
    async fit(normals) {
      const seen: number[][] = []
      for await (const batch of normals) seen.push(...redOf(batch, span))
      fits.push(seen.length)
      const all = seen.flat()
      const mean = all.reduce((sum, value) => sum + value, 0) / all.length
      return {
        async predict(images) {
          const [count, height, width] = images.shape as [number, number, number]
          const above = redOf(images, span).map((pixels) => pixels.map((value) => value - mean))
          return {
            scores: tensor(
              [count],
              Float32Array.from(above, (pixels) => Math.max(...pixels)),
            ),
            maps: tensor([count, height, width], Float32Array.from(above.flat())),
          }
        },
        state: () => ({ method: 'brightness', version: 1, extractorId: 'none', options: { mean }, tensors: {} }),
        dispose: () => undefined,
      }
    },
    restore: () => Promise.reject(new Error('not asked for')),
  }
}
