import type { Backend, Detector, DetectorState, FeatureExtractor } from '@tab/core'
import { readTextGuidedState } from './state.ts'
import { textGuidedDetector } from './text-guided-detector.ts'

/** Restores a text-guided detector from its state, which includes heads and prototypes. */
export async function restoreTextGuided(
  state: DetectorState,
  { extractor, backend }: { readonly extractor: FeatureExtractor; readonly backend: Backend },
): Promise<Detector> {
  return textGuidedDetector(extractor, backend, readTextGuidedState(state, extractor))
}
