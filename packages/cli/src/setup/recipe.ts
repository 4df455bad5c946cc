import { padim, patchCore } from '@tab/adapters'
import type { Backend, DetectorRecipe, FeatureExtractor } from '@tab/core'

/** Detection methods of the command line and the layers each takes by default. */
export const DETECTORS = {
  patchcore: ['layer2', 'layer3'],
  padim: ['layer1', 'layer2', 'layer3'],
} as const satisfies Record<string, readonly string[]>

export type DetectorName = keyof typeof DETECTORS

/** Settings of all methods; each takes its own. */
export interface DetectorFlags {
  readonly detector: DetectorName
  readonly layers: readonly string[]
  readonly coresetRatio: number
  readonly dimensions: number
  readonly seed: number
}

/** The recipe, and the settings it was made with for the record. */
export function detectorRecipe(
  { detector, layers, coresetRatio, dimensions, seed }: DetectorFlags,
  extractor: FeatureExtractor,
  backend: Backend,
): { recipe: DetectorRecipe; options: Readonly<Record<string, number | readonly string[]>> } {
  const options = detector === 'padim' ? { layers, dimensions, seed } : { layers, coresetRatio, seed }
  const parts = { extractor, backend, ...options }
  return { recipe: detector === 'padim' ? padim(parts) : patchCore(parts), options }
}
