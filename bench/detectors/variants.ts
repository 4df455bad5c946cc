import { patchCore, subspace, type PatchCoreOptions } from '@tab/adapters'
import type { DetectorRecipe } from '@tab/core'

/** A way to fit, without how images are scored: both ways to do that are taken from one fit. */
export interface Variant {
  readonly name: string
  /** Fit on all turned and mirrored copies too. */
  readonly augmented: boolean
  recipe(parts: Pick<PatchCoreOptions, 'extractor' | 'backend' | 'seed'>, normals: number): DetectorRecipe
}

const PLAIN = { mapSize: 'grid', sigma: 0 } as const // maps are the scores of the patches themselves
const PATCHES = 784 // of an image of 224 x 224 pixels
const IMAGES = 5 // whose patches a bank holds at most

/** Banks of all PatchCores have the same size for a number of normals, so that none wins by its size. */
const patchcore =
  (more: Partial<PatchCoreOptions> = {}): Variant['recipe'] =>
  (parts, normals) =>
    patchCore({ ...parts, ...PLAIN, coresetSize: PATCHES * Math.min(IMAGES, normals), ...more })
const scales = [1, 0.5]

export const VARIANTS: readonly Variant[] = [
  { name: 'PatchCore', augmented: false, recipe: patchcore() },
  { name: 'PatchCore, copies', augmented: true, recipe: patchcore() },
  { name: 'PatchCore, scales', augmented: false, recipe: patchcore({ scales }) },
  {
    name: 'PatchCore, position 0.1',
    augmented: false,
    recipe: (parts, normals) =>
      patchCore({ ...parts, ...PLAIN, position: 0.1, coresetRatio: Math.min(1, IMAGES / normals) }),
  },
  { name: 'PatchCore, copies and scales', augmented: true, recipe: patchcore({ scales }) },
  { name: 'subspace', augmented: false, recipe: (parts) => subspace({ ...parts, ...PLAIN }) },
  { name: 'subspace, copies', augmented: true, recipe: (parts) => subspace({ ...parts, ...PLAIN }) },
  { name: 'subspace, scales', augmented: false, recipe: (parts) => subspace({ ...parts, ...PLAIN, scales }) },
]
