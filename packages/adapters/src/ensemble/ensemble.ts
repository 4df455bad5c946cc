import {
  checkNumber,
  TabError,
  type Detector,
  type DetectorRecipe,
  type DetectorState,
  type LongTaskOptions,
} from '@tab/core'
import { holdImages } from '../normal-images/held-images.ts'
import { crossFit, drawFolds } from '../thresholds/cross-fit.ts'
import { ensembleDetector, makeMembers } from './ensemble-detector.ts'
import { FUSIONS, type Fusion } from './fuse.ts'
import { memberScale, type MemberScale } from './member-scale.ts'
import { readEnsembleState, type EnsembleSettings } from './state.ts'

export interface EnsembleOptions {
  /** How the members' values are fused. Default `mean`. */
  readonly fusion?: Fusion
  /** Number of fits per member that measure its scale, before the final one; at least 2. Default 3, or the number of good images if there are fewer. */
  readonly folds?: number
  /** Seed for drawing the folds. Default 0. */
  readonly seed?: number
}

/**
 * Combines several detectors into one. Their values are first put on a common scale, measured on good images that the scoring fit
 * had not seen (cross-fitting over `folds`), then fused: image scores as robust z values, maps so that 0 is a typical pixel and 1 the
 * typical peak of a good image. "Text-guided with PatchCore", or one method on two backbones, is an ensemble of two recipes. Fitting
 * holds the images in memory (12 bytes per pixel) and fits each member `folds` + 1 times. It needs at least two good images, or
 * enough for each member to be fitted without a fold.
 * @throws INVALID_ARGUMENT without recipes or for options out of range
 * @example
 * ```ts
 * import { ensemble, padim, patchCore } from '@tab/adapters'
 * import { referenceBackend, tensor, type FeatureExtractor } from '@tab/core'
 *
 * const extractor: FeatureExtractor = {
 *   id: 'pixels', // in practice onnxExtractor of @tab/backend-onnx
 *   layers: [{ name: 'pixels', channels: 3, stride: 1 }],
 *   extract: async (images) => new Map([['pixels', images]]),
 *   dispose() {},
 * }
 * const parts = { extractor, backend: referenceBackend(), layers: ['pixels'] }
 * const image = (level: number) => tensor([1, 8, 8, 3], new Float32Array(192).fill(level))
 * const detector = await ensemble([patchCore(parts), padim(parts)]).fit([0.4, 0.5, 0.45, 0.55].map(image))
 * const { scores } = await detector.predict(tensor([2, 8, 8, 3], Float32Array.from({ length: 384 }, (_, at) => (at < 192 ? 0.5 : 0.9))))
 * console.log((scores.data[0] ?? NaN) < 1, (scores.data[1] ?? NaN) > 3) // true true
 * ```
 */
export function ensemble(recipes: readonly DetectorRecipe[], options: EnsembleOptions = {}): DetectorRecipe {
  if (recipes.length === 0) {
    throw new TabError('INVALID_ARGUMENT', { where: 'ensemble', expected: 'at least one recipe', actual: 'none' })
  }
  const { fusion = 'mean', folds = 3, seed = 0 } = options
  if (!FUSIONS.includes(fusion)) {
    const expected = `fusion among ${FUSIONS.join(', ')}`
    throw new TabError('INVALID_ARGUMENT', { where: 'ensemble', expected, actual: String(fusion) })
  }
  const settings: EnsembleSettings = {
    fusion,
    folds: checkNumber('ensemble', 'folds', folds, { integer: true, minimum: 2 }),
    seed: checkNumber('ensemble', 'seed', seed, { integer: true, minimum: 0 }),
  }
  return {
    async fit(normals, { signal, onProgress } = {}) {
      const where = 'ensemble.fit'
      const images = await holdImages(normals, { where, signal, onProgress })
      if (images.count < 2) {
        const expected = 'at least two good images to put the members on a common scale'
        throw new TabError('INVALID_ARGUMENT', { where, expected, actual: String(images.count) })
      }
      const folds = drawFolds(images.count, Math.min(settings.folds, images.count), settings.seed)
      const all = Array.from({ length: images.count }, (_, index) => index)
      const scales: MemberScale[] = []
      const members = await makeMembers(recipes, async (recipe, index): Promise<Detector> => {
        const task: LongTaskOptions = {
          signal,
          onProgress: (step) => onProgress?.({ ...step, phase: `member ${index + 1}: ${step.phase}` }),
        }
        scales.push(memberScale(await crossFit(where, recipe, images, folds, task)))
        return recipe.fit(images.batches(all), task)
      })
      return ensembleDetector(members, { ...settings, scales })
    },
    async restore(state) {
      const where = 'ensemble.restore'
      const { members, model } = readEnsembleState(where, state)
      if (members.length !== recipes.length) {
        const expected = `${recipes.length} members, as there are recipes`
        throw new TabError('INCOMPATIBLE', { where, expected, actual: String(members.length) })
      }
      const restored = await makeMembers(recipes, (recipe, index) => recipe.restore(members[index] as DetectorState))
      return ensembleDetector(restored, model)
    },
  }
}
