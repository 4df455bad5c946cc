import { tiled, within } from '@tab/adapters'
import type { DetectorRecipe, Tensor } from '@tab/core'
import type { TilesSpec } from '../spec/tiles-spec.ts'

/**
 * A recipe that looks at tiles of images, and at a part of them.
 * @param tiles undefined: whole images
 * @param mask [H,W] of prepared images; undefined: all of them
 */
export function lookingRecipe(
  recipe: DetectorRecipe,
  tiles: TilesSpec | undefined,
  mask: Tensor<'uint8'> | undefined,
): DetectorRecipe {
  const inTiles = tiles ? tiled(recipe, tiles) : recipe
  return mask ? within(inTiles, mask) : inTiles
}
