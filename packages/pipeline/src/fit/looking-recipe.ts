import { tiled, within, withinForeground } from '@tab/adapters'
import type { DetectorRecipe, Tensor } from '@tab/core'
import { findForeground } from '../inspect/find-foreground.ts'
import type { TilesSpec } from '../spec/tiles-spec.ts'

/**
 * A recipe that looks at tiles of images, at a region, and at the part alone.
 * @param tiles undefined: whole images
 * @param mask [H,W] of prepared images; undefined: all of them
 * @param foreground whether the ground beside the part is left out
 */
export function lookingRecipe(
  recipe: DetectorRecipe,
  tiles: TilesSpec | undefined,
  mask: Tensor<'uint8'> | undefined,
  foreground: boolean,
): DetectorRecipe {
  const inTiles = tiles ? tiled(recipe, tiles) : recipe
  const inRegion = mask ? within(inTiles, mask) : inTiles
  // Outermost, as the part is found in images whose outside is not filled yet.
  return foreground ? withinForeground(inRegion, findForeground) : inRegion
}
