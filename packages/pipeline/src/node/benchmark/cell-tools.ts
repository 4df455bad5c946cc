import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { tensor, type Backend, type FeatureExtractor } from '@tab/core'
import type { Dataset } from '@tab/data'
import { loadExtractor, randomExtractor } from '@tab/weights/node'
import type { Cell } from './cells.ts'
import { cachedExtractor } from './feature-cache.ts'
import { openCell } from './open-cell.ts'

/** A backbone that is ready to run. */
export interface LoadedBackbone {
  readonly extractor: FeatureExtractor
  /** Time that these layers of one image take without a cache, measured once. */
  secondsPerImage(layers: readonly string[]): Promise<number>
}

/** What cells have in common, opened once for as long as cells ask for the same. */
export interface CellTools {
  readonly backend: Backend
  dataset(cell: Cell): Promise<Dataset>
  backbone(cell: Cell): Promise<LoadedBackbone>
  dispose(): void
}

export interface CellToolsOptions {
  /** Where features are kept; undefined for nowhere. */
  readonly cache: string | undefined
  /** Threads of ONNX Runtime. */
  readonly threads: number
}

const TIMED_IMAGES = 5

export async function cellTools({ cache, threads }: CellToolsOptions): Promise<CellTools> {
  const session = { intraOpNumThreads: threads }
  let opened: { readonly text: string; readonly backbone: LoadedBackbone } | undefined
  let read: { readonly text: string; readonly dataset: Dataset } | undefined

  async function open({ backbone, layers, imageSize, crop }: Cell): Promise<LoadedBackbone> {
    const { extractor } =
      'random' in backbone
        ? await randomExtractor(backbone.random, 0, layers, session)
        : await loadExtractor(backbone.weights, layers, { session, where: `backbone ${backbone.name}:` })
    const times = new Map<string, Promise<number>>()
    return {
      extractor: cache === undefined ? extractor : cachedExtractor(extractor, cache),
      secondsPerImage(wanted) {
        const known = times.get(wanted.join())
        if (known) return known
        const timing = timed(extractor, wanted, crop ?? imageSize)
        times.set(wanted.join(), timing)
        timing.catch(() => times.delete(wanted.join())) // of one cell's failure, which is not that of the next
        return timing
      },
    }
  }

  const backend = onnxBackend({ ort: await loadOrt(), session })
  return {
    backend,
    async dataset(cell) {
      const text = JSON.stringify([cell.path, cell.name.category])
      if (read?.text !== text) read = { text, dataset: await openCell(cell, undefined) }
      return read.dataset
    },
    async backbone(cell) {
      const text = JSON.stringify([cell.backbone, cell.layers, cell.crop ?? cell.imageSize])
      if (opened?.text !== text) {
        opened?.backbone.extractor.dispose()
        opened = undefined
        opened = { text, backbone: await open(cell) }
      }
      return opened.backbone
    },
    dispose() {
      opened?.backbone.extractor.dispose()
      opened = undefined
      backend.dispose()
    },
  }
}

async function timed(
  extractor: FeatureExtractor,
  layers: readonly string[],
  [height, width]: readonly [number, number],
): Promise<number> {
  const image = tensor([1, height, width, 3], new Float32Array(height * width * 3).fill(0.5))
  await extractor.extract(image, layers)
  const start = performance.now()
  for (let i = 0; i < TIMED_IMAGES; i++) await extractor.extract(image, layers)
  return (performance.now() - start) / 1000 / TIMED_IMAGES
}
