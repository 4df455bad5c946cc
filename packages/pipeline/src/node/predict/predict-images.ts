import type { Tensor } from '@tab/core'
import type { Inspection } from '../../inspect/inspection.ts'
import type { Inspector } from '../../inspect/inspector.ts'
import type { PictureFolder } from '../files/picture-folder.ts'
import type { ImageResult } from './image-result.ts'

/**
 * Draws a photograph with its anomaly map as a file, such as `heatmapFile` of @tab/report.
 * @param image [H,W,3] in [0,1]
 * @param map [H*W]
 */
export type DrawHeatmap = (image: Tensor, map: Float32Array, pixelThreshold: number | undefined) => Promise<Uint8Array>

export interface PredictImagesOptions {
  /** Images that go through the network together. Default: 8, fewer where they are larger than 448 px. */
  readonly batchSize?: number
  readonly signal?: AbortSignal | undefined
  /** Where heatmaps go, and how each is drawn as a file. Default: none are written. */
  readonly heatmaps?: { readonly folder: PictureFolder; readonly draw: DrawHeatmap } | undefined
  /** Whether an image that cannot be read or has no finite score is a result without a score; else it is an error. Default false. */
  readonly skipUnreadable?: boolean
  /** Whether the file is still the one that was read; of another nothing is said. */
  readonly isCurrent?: (path: string) => Promise<boolean>
}

/**
 * Inspects image files: a result for each, batch by batch in their order.
 * @throws INVALID_DATA, NOT_FOUND, NUMERICAL naming an image that has no score, unless these are skipped; ABORTED
 * @example
 * ```ts
 * import { findImages, fitInspector, predictImages } from '@tab/pipeline/node'
 *
 * const { files: good } = await findImages(['washers/train'])
 * const inspector = await fitInspector({ images: good, backbone: 'resnet18.safetensors', preparation: { size: [64, 64] } })
 * for await (const { path, anomalous } of predictImages(inspector, good.slice(0, 1))) {
 *   console.log(path, anomalous) // washers/train/good/000.png false
 * }
 * inspector.dispose()
 * ```
 */
export async function* predictImages(
  inspector: Pick<Inspector<string>, 'inspectAll'>,
  files: readonly string[],
  { heatmaps, skipUnreadable = false, isCurrent, ...reading }: PredictImagesOptions = {},
): AsyncGenerator<ImageResult> {
  let next = 0
  for await (const inspection of inspector.inspectAll(files, reading)) {
    const path = files[next++] as string
    const error = inspection.verdict === 'not-judged' ? inspection.error : undefined
    if (error && !skipUnreadable) throw error
    if (!error && isCurrent && !(await isCurrent(path))) continue
    const { image, map, pixelThreshold } = inspection
    const drawn = image && map && (await heatmaps?.draw(image, map.data, pixelThreshold ?? undefined))
    const heatmap = drawn ? await heatmaps?.folder.write(path, drawn) : undefined
    yield { ...resultOf(path, inspection), ...(heatmap === undefined ? {} : { heatmap }) }
  }
}

function resultOf(path: string, inspection: Inspection): ImageResult {
  const { verdict, score, threshold, pValue, normalizedScore } = inspection
  const anomalous = verdict === 'not-judged' ? null : verdict === 'anomalous'
  const failed = verdict === 'not-judged' && inspection.error ? { error: inspection.error.message } : {}
  const warned = inspection.warnings.length > 0 ? { warnings: inspection.warnings } : {}
  return { path, score, threshold, anomalous, pValue, normalizedScore, ...warned, ...failed }
}
