import { loadDetector, padim, patchCore, saveDetector, subspace, tiled } from '@tab/adapters'
import type { DetectorRecipe, Prediction, Tensor } from '@tab/core'
import { stackImages, syntheticParts } from '@tab/data'
import { narrowBackbone } from '../../packages/model/test/narrow-backbone.ts'
import { ENGINES, type ParityEngine } from './engines.ts'

/** How an engine scores a detector file that another one fitted. */
export interface ParityRow {
  readonly detector: string
  readonly engine: string
  /** Largest difference of a score, as a share of the highest score of the reference. */
  readonly score: number
  /** The same of maps. */
  readonly map: number
}

const LAYERS = ['layer1', 'layer2']

/** Detectors that look at images of 64 px, or at tiles of that size of larger ones. */
function detectorsOn(engine: ParityEngine): Readonly<Record<string, readonly [DetectorRecipe, number]>> {
  const parts = { ...engine, layers: LAYERS }
  const cores = patchCore({ ...parts, coresetRatio: 0.2 })
  return {
    PatchCore: [cores, 64],
    PaDiM: [padim({ ...parts, dimensions: 10 }), 64],
    subspace: [subspace(parts), 64],
    'PatchCore, tiled': [tiled(cores, { size: [64, 64] }), 96],
    'subspace, tiled': [tiled(subspace(parts), { size: [64, 64] }), 96],
  }
}

/**
 * Fits each detector once, on ONNX Runtime in Node, and lets every engine score its file.
 * @param engines by name; the reference is always computed
 */
export async function parityTable(engines: readonly string[]): Promise<ParityRow[]> {
  const backbone = narrowBackbone('resnet18', 'layer2')
  const open = (name: string): Promise<ParityEngine> => (ENGINES[name] as (typeof ENGINES)[string])(backbone)
  const files: { detector: string; file: Uint8Array; images: Tensor; wanted: Prediction }[] = []
  const reference = await open('reference')
  for (const [detector, [recipe, side]] of Object.entries(detectorsOn(await open('onnxruntime-node')))) {
    const parts = syntheticParts({ part: 'washer', size: [side, side], seed: 3 })
    const good = [0, 1, 2, 3, 4].map((index) => parts.normal(index).image)
    const images = stackImages([parts.normal(9).image, parts.anomalous(0, 'dent').image])
    const file = await saveDetector(await recipe.fit([stackImages(good)]))
    const loaded = await loadDetector(file, reference)
    files.push({ detector, file, images, wanted: await loaded.detector.predict(images) })
  }
  const rows: ParityRow[] = []
  for (const engine of engines) {
    const parts = await open(engine)
    for (const { detector, file, images, wanted } of files) {
      const { detector: loaded } = await loadDetector(file, parts)
      const found = await loaded.predict(images)
      loaded.dispose()
      const row = { score: difference(wanted.scores, found.scores), map: difference(wanted.maps, found.maps) }
      rows.push({ detector, engine, ...row })
    }
    parts.backend.dispose()
    parts.extractor.dispose()
  }
  return rows
}

function difference(wanted: Tensor, found: Tensor): number {
  let [most, largest] = [0, 0]
  wanted.data.forEach((value, index) => {
    most = Math.max(most, Math.abs(value - (found.data[index] ?? NaN)))
    largest = Math.max(largest, Math.abs(value))
  })
  return most / largest
}
