import type { Detector, DetectorRecipe } from '@tab/core'
import { augmentNormals, type Symmetry } from '@tab/data'

/** Turned and mirrored copies of the good images that a detector is fitted on. */
export interface Augmentation {
  /** Quarter turns: for parts that lie in any direction, in square images. */
  readonly rotations?: boolean | undefined
  /** Mirror images, left to right and top to bottom: for parts without a hand. */
  readonly flips?: boolean | undefined
}

const ROTATIONS: readonly Symmetry[] = ['rotate90', 'rotate180', 'rotate270']
const FLIPS: readonly Symmetry[] = ['flipHorizontal', 'flipVertical']
const BOTH: readonly Symmetry[] = [...ROTATIONS, ...FLIPS, 'transpose', 'antitranspose']

/** The symmetries of a square that are asked for, besides the image as it is. */
export function symmetriesOf({ rotations = false, flips = false }: Augmentation): readonly Symmetry[] {
  if (rotations && flips) return BOTH
  return rotations ? ROTATIONS : flips ? FLIPS : []
}

/**
 * A recipe that fits on the images and their copies. The copies are made inside `fit`: whoever leaves an image out of a fit, to calibrate
 * a threshold or to look for suspects, leaves out its copies too.
 */
export function augmentedRecipe<D extends Detector>(
  recipe: DetectorRecipe<D>,
  symmetries: readonly Symmetry[],
): DetectorRecipe<D> {
  if (symmetries.length === 0) return recipe
  return {
    fit: async (normals, task = {}) => recipe.fit(augmentNormals(normals, { symmetries, signal: task.signal }), task),
    restore: async (state) => recipe.restore(state),
  }
}
