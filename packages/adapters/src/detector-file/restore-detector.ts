import { TabError, type Backend, type Detector, type DetectorState, type FeatureExtractor } from '@tab/core'
import { adaptedDetector } from '../adapt/adapted-detector.ts'
import { adaptedExtractor } from '../adapt/adapted-extractor.ts'
import { ADAPTED, readAdaptedState } from '../adapt/state.ts'
import { ensembleDetector, makeMembers } from '../ensemble/ensemble-detector.ts'
import { ENSEMBLE, readEnsembleState } from '../ensemble/state.ts'
import { padim } from '../padim/padim.ts'
import { patchCore } from '../patchcore/patchcore.ts'
import { subspace } from '../subspace/subspace.ts'
import { restoreTextGuided } from '../text-guided/restore-text-guided.ts'
import { readTiledState, TILED } from '../tiles/state.ts'
import { tiledDetector } from '../tiles/tiled.ts'
import { detectorWithin, readWithinState, WITHIN } from '../within/within.ts'
import {
  detectorWithinForeground,
  readForegroundState,
  WITHIN_FOREGROUND,
  type ForegroundOf,
} from '../within/within-foreground.ts'

/** What a detector is restored on. */
export interface DetectorParts {
  /** The extractor whose id is in the state. */
  readonly extractor: FeatureExtractor
  readonly backend: Backend
}

/** Restores a detector from its state. */
export type DetectorRestorer = (state: DetectorState, parts: DetectorParts) => Promise<Detector>

const METHODS: Readonly<Record<string, DetectorRestorer>> = {
  patchcore: (state, parts) => patchCore({ ...parts, ...layersOf(state) }).restore(state),
  padim: (state, parts) => padim({ ...parts, ...layersOf(state) }).restore(state),
  subspace: (state, parts) => subspace({ ...parts, ...layersOf(state) }).restore(state),
  'text-guided': restoreTextGuided,
}

/** A recipe checks its layers when it is created, so it is given those of the state: the defaults may not exist. */
function layersOf({ options }: DetectorState): { layers?: readonly string[] } {
  const { layers } = options
  const named = Array.isArray(layers) && layers.every((name) => typeof name === 'string')
  return named ? { layers: layers as readonly string[] } : {}
}

/** The extractors, backend and methods that {@link restoreDetector} can use. */
export interface RestoreChoices {
  readonly extractors: readonly FeatureExtractor[]
  readonly backend: Backend
  readonly methods: Readonly<Record<string, DetectorRestorer>>
  /** How the part is found in images, for detectors that look at it alone. */
  readonly foreground?: ForegroundOf | undefined
}

/**
 * Restores a detector of any known method, including ensembles with their members, tiled ones with theirs, and detectors on adapted features.
 * @throws UNSUPPORTED for an unknown method, INCOMPATIBLE without its extractor, and whatever the method's `restore` throws
 */
export async function restoreDetector(where: string, state: DetectorState, choices: RestoreChoices): Promise<Detector> {
  const { method, extractorId } = state
  if (method === ENSEMBLE) {
    const { members, model } = readEnsembleState(where, state)
    return ensembleDetector(await makeMembers(members, (member) => restoreDetector(where, member, choices)), model)
  }
  if (method === TILED) {
    const { inner, model } = readTiledState(where, state)
    return tiledDetector(await restoreDetector(where, inner, choices), model)
  }
  if (method === WITHIN) {
    const { inner, mask } = readWithinState(where, state)
    return detectorWithin(await restoreDetector(where, inner, choices), mask)
  }
  if (method === WITHIN_FOREGROUND) {
    const inner = readForegroundState(where, state)
    if (!choices.foreground) {
      const expected = 'foreground, as the detector looks at the part alone: such as foregroundMask of @tab/synth'
      throw new TabError('INVALID_ARGUMENT', { where, expected, actual: 'none' })
    }
    return detectorWithinForeground(await restoreDetector(where, inner, choices), choices.foreground)
  }
  const methods = { ...METHODS, ...choices.methods }
  const restore = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (!restore && method !== ADAPTED) {
    const expected = `a method among ${[...Object.keys(methods), ENSEMBLE, ADAPTED, TILED, WITHIN, WITHIN_FOREGROUND].join(', ')}`
    throw new TabError('UNSUPPORTED', { where, expected, actual: method })
  }
  const extractor = choices.extractors.find(({ id }) => id === extractorId)
  if (!extractor) {
    const actual = choices.extractors.map(({ id }) => id).join(', ') || 'none'
    throw new TabError('INCOMPATIBLE', { where, expected: `the extractor it was fitted with, ${extractorId}`, actual })
  }
  const { backend } = choices
  if (restore) return restore(state, { extractor, backend })
  const { projections, member } = readAdaptedState(where, state)
  const adapted = await adaptedExtractor(where, extractor, backend, projections)
  const detector = await restoreDetector(where, member, { ...choices, extractors: [adapted] })
  return adaptedDetector(extractorId, projections, detector)
}
