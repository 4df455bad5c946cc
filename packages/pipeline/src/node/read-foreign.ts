import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { onnxExtractor, type ForeignModel } from '@tab/backend-onnx'
import { readOnnxMetadata } from '@tab/backend-onnx/graph'
import { loadOrt } from '@tab/backend-onnx/node'
import { readNaming, TabError, tensor, type LongTaskOptions, type Tensor } from '@tab/core'
import { readWeights } from '@tab/weights/node'
import { layersOf, type DetectorSpec } from '../spec/detector-spec.ts'
import { FOREIGN_SPEC, type ForeignSpec } from '../spec/foreign-spec.ts'
import { parseSpec } from '../spec/parse-spec.ts'

/** Weights, and what is said of them where another program wrote them. */
export interface ForeignSource {
  readonly weights: string
  readonly foreign: ForeignSpec | undefined
  /** `[height, width]` that images will have. */
  readonly size: readonly [number, number]
}

/**
 * How to run an ONNX file that another program wrote, as the spec or a JSON file of the same name beside it says; undefined for weights
 * that say it themselves. Channels and strides of its feature maps are measured on one image.
 * @throws INVALID_ARGUMENT for a file that nothing is said of, or for weights of ours with such words; INVALID_DATA, NOT_FOUND
 */
export async function readForeign(
  { weights, foreign, size }: ForeignSource,
  spec: DetectorSpec,
  task: LongTaskOptions,
): Promise<ForeignModel | undefined> {
  const refuse = (message: string): never => {
    throw new TabError('INVALID_ARGUMENT', { where: 'spec.foreign', message })
  }
  const ofOurs = (): undefined => foreign && refuse(`${weights} says itself how it is run: give no mean and std`)
  if (extname(weights) !== '.onnx') return ofOurs()
  const { bytes, path } = await readWeights(weights, 'spec.backbone', task)
  const naming = `spec.backbone ${path}`
  if ('tab.backbone' in readNaming(naming, () => readOnnxMetadata(bytes))) return ofOurs()
  const beside = path.replace(/\.onnx$/, '.json')
  const {
    mean,
    std,
    layers: known,
  } = foreign ??
  (await readBeside(beside)) ??
  refuse(
    `${path} does not say how it is run: give spec.detector.layers, spec.foreign.mean and spec.foreign.std, ` +
      `or write layers, mean and std into ${beside}`,
  )
  const names = spec.method === 'text-guided' ? (known ?? []) : layersOf(spec, known)
  const unmeasured = names.map((name) => ({ name, channels: 1, stride: 1 }))
  const ort = await loadOrt()
  return readNaming(naming, async () => {
    const extractor = await onnxExtractor({ ort, model: bytes, foreign: { layers: unmeasured, mean, std } })
    try {
      const [height, width] = size
      const grey = tensor([1, height, width, 3], new Float32Array(height * width * 3).fill(0.5))
      const maps = await extractor.extract(grey, names)
      const layers = names.map((name) => {
        const { shape } = maps.get(name) as Tensor
        return { name, channels: shape[3] as number, stride: Math.round(height / (shape[1] as number)) }
      })
      return { layers, mean, std }
    } finally {
      extractor.dispose()
    }
  })
}

async function readBeside(file: string): Promise<ForeignSpec | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    return parseSpec(FOREIGN_SPEC, JSON.parse(text), 'the description of a model')
  } catch (cause) {
    throw new TabError('INVALID_DATA', { where: file, message: (cause as Error).message, cause })
  }
}
