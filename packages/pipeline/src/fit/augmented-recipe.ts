import type { MaskedImages } from '@tab/adapters'
import { tensorOf, type Detector, type DetectorRecipe, type Tensor } from '@tab/core'
import { applySymmetry, augmentNormals, type Symmetry } from '@tab/data'

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
    fit: async (normals, task = {}) => recipe.fit(withCopies(normals, symmetries, task.signal), task),
    restore: async (state) => recipe.restore(state),
  }
}

/** Images and their copies, each with the part of it that is looked at. Where a patch of a copy lies in the photograph is not known. */
export async function* withCopies(
  normals: AsyncIterable<Tensor> | Iterable<Tensor>,
  symmetries: readonly Symmetry[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Tensor> {
  for await (const batch of normals) {
    const { within } = batch as Partial<MaskedImages>
    let done = 0
    for await (const images of augmentNormals([batch], { symmetries, signal })) {
      const symmetry = symmetries[done++ - 1] // the batch itself comes first
      yield within && symmetry ? ({ ...images, within: turned(within, symmetry) } as MaskedImages) : images
    }
  }
}

/** @param masks [N,H,W] */
function turned({ shape, data }: Tensor<'uint8'>, symmetry: Symmetry): Tensor<'uint8'> {
  const moved = applySymmetry(tensorOf('uint8', [...shape, 1], data), symmetry)
  return tensorOf('uint8', moved.shape.slice(0, 3), moved.data)
}
