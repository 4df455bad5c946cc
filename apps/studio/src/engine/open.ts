import { readDetectorHeader } from '@tab/adapters'
import { isBundledName } from '@tab/weights'
import type { Inspector } from '@tab/pipeline'
import { openInspector, type BrowserImage } from '@tab/pipeline/browser'
import type { DetectorSummary } from './engine-api.ts'
import type { Runtime } from './runtime.ts'

export type OpenedInspector =
  | { readonly inspector: Inspector<BrowserImage>; readonly detector: DetectorSummary }
  | { readonly needsBackbone: string }

/**
 * Opens a detector file on the bundled backbone, or on the one that is given.
 * @throws TabError for a file that is damaged or not a detector, or another backbone
 */
export async function openDetector(
  { ort, backend, extractor }: Runtime,
  file: Uint8Array,
  backbone: Uint8Array | undefined,
): Promise<OpenedInspector> {
  const header = readDetectorHeader(file)
  const noted = notedName(header.notes['backbone'])
  const engine =
    header.extractorId === extractor.id && !backbone
      ? { backend, extractor }
      : { backend, ort, ...(backbone ? { backbone } : {}) }
  if (!('extractor' in engine) && !backbone && !isBundledName(noted))
    return { needsBackbone: noted || header.extractorId }
  const inspector = await openInspector({ model: file, ...engine })
  const { calibration, preparation, threshold, guaranteedRate } = inspector
  const { goodImages } = header.notes
  const detector: DetectorSummary = {
    threshold,
    guaranteedRate,
    scores: Array.from(calibration?.scores ?? []),
    size: preparation.crop ?? preparation.size,
    method: header.method,
    goodImages: Array.isArray(goodImages) ? goodImages.map(String) : [],
  }
  return { inspector, detector }
}

function notedName(note: unknown): string {
  const { path } = (note ?? {}) as { readonly path?: unknown }
  return typeof path === 'string' ? path : ''
}
