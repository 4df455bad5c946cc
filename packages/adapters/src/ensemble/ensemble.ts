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
  /** How the members' values are joined. Default `mean`. */
  readonly fusion?: Fusion
  /** Fits a member to measure its scale, besides the last; at least 2. Default 3, or the number of good images if fewer. */
  readonly folds?: number
  /** Of the draw of the folds. Default 0. */
  readonly seed?: number
}

/**
 * Several detectors as one. Their values are put on one scale by good images that the scoring fit had not seen (cross-fitting over
 * `folds`), then joined: image scores as robust z values, maps so that 0 is a typical pixel and 1 the typical peak of a good
 * image. So "text-guided with PatchCore", or one method on two backbones, is an ensemble of two recipes. Fitting holds the
 * images in memory (12 bytes a pixel) and takes `folds` + 1 fits a member; it needs two good images, or as many more as a
 * member needs in a fold.
 * @throws INVALID_ARGUMENT for no recipe or options out of range
 */
export function ensemble(recipes: readonly DetectorRecipe[], options: EnsembleOptions = {}): DetectorRecipe {
  if (recipes.length === 0) {
    throw new TabError('INVALID_ARGUMENT', { where: 'ensemble', expected: 'a recipe or more', actual: 'none' })
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
      const images = await holdImages(where, normals, { signal, onProgress })
      if (images.count < 2) {
        const expected = 'at least two good images to put the members on one scale'
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
