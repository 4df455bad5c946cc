import { assertImages, TabError, tensor, type FeatureExtractor, type Tensor } from '@tab/core'

const BINS = 8
const CHANNELS = BINS + 3
const CELLS = [
  { name: 'cells8', channels: CHANNELS, stride: 8 },
  { name: 'cells16', channels: CHANNELS, stride: 16 },
] as const

/**
 * Hand-made features: for each square cell of the image, a histogram of gradient directions weighted by their strength (after
 * Dalal & Triggs, CVPR 2005, without block normalisation) and the mean colour. Cells that the border cuts are averaged over what
 * is left of them.
 */
export function gradientColourExtractor(): FeatureExtractor {
  let disposed = false
  return {
    id: 'gradient-colour-1', // two extractors of one id give the same features: count it up with every change of the method
    layers: CELLS,
    async extract(images, names) {
      const where = 'gradientColourExtractor.extract'
      if (disposed) throw new TabError('DISPOSED', { where, message: 'the extractor was disposed' })
      assertImages(where, images)
      const layers = names.map((name) => {
        const layer = CELLS.find((cell) => cell.name === name)
        if (layer) return layer
        const expected = `layers among ${CELLS.map((cell) => cell.name).join(', ')}`
        throw new TabError('NOT_FOUND', { where, expected, actual: name })
      })
      return new Map(layers.map(({ name, stride }) => [name, cellFeatures(images, stride)]))
    },
    dispose() {
      disposed = true
    },
  }
}

/** Means over cells of `side` pixels: [N, ceil(H / side), ceil(W / side), CHANNELS]. */
function cellFeatures({ shape, data }: Tensor, side: number): Tensor {
  const [count, height, width] = shape as [number, number, number, number]
  const [rows, columns] = [Math.ceil(height / side), Math.ceil(width / side)]
  const features = new Float32Array(count * rows * columns * CHANNELS)
  const grey = (n: number, y: number, x: number): number => {
    const at = ((n * height + clamp(y, height)) * width + clamp(x, width)) * 3
    return ((data[at] as number) + (data[at + 1] as number) + (data[at + 2] as number)) / 3
  }
  for (let n = 0; n < count; n++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [row, column] = [Math.floor(y / side), Math.floor(x / side)]
        const area = Math.min(side, height - row * side) * Math.min(side, width - column * side)
        const cell = ((n * rows + row) * columns + column) * CHANNELS
        const down = grey(n, y + 1, x) - grey(n, y - 1, x)
        const right = grey(n, y, x + 1) - grey(n, y, x - 1)
        const bin = Math.min(BINS - 1, Math.floor(((Math.atan2(down, right) + Math.PI) / (2 * Math.PI)) * BINS))
        add(features, cell + bin, Math.hypot(down, right) / area)
        for (let c = 0; c < 3; c++) {
          add(features, cell + BINS + c, (data[((n * height + y) * width + x) * 3 + c] as number) / area)
        }
      }
    }
  }
  return tensor([count, rows, columns, CHANNELS], features)
}

function add(values: Float32Array, index: number, value: number): void {
  values[index] = (values[index] as number) + value
}

function clamp(index: number, length: number): number {
  return Math.min(length - 1, Math.max(0, index))
}
