import type { Detector } from '@tab/core'
import type { Projections } from './adapted-extractor.ts'
import { adaptedState } from './state.ts'

/** A detector on adapted features, which it owns together with the projections. */
export function adaptedDetector(extractorId: string, projections: Projections, member: Detector): Detector {
  return {
    predict: async (images, task) => member.predict(images, task),
    state: () => adaptedState(extractorId, projections, member.state()),
    dispose: () => member.dispose(),
  }
}
