import { tileSize, type Preparation } from '@tab/adapters'
import { readNaming, type DetectorRecipe, type Tensor } from '@tab/core'
import type { Sample } from '@tab/data'
import { readImageSize } from '@tab/data/node'
import { lookingRecipe } from '../fit/looking-recipe.ts'
import { regionMask } from '../inspect/region-mask.ts'
import type { PicturesSpec } from '../spec/pictures-spec.ts'
import type { WrittenOut } from '../spec/size.ts'
import { USUAL_SIZE } from '../usual-size.ts'
import { readArea } from './read-area.ts'

/** What a spec says of pictures. */
export interface PictureSpec extends WrittenOut<PicturesSpec> {
  readonly crop?: readonly [number, number] | undefined
  readonly filter?: Preparation['filter'] | undefined
}

/** How pictures are prepared and looked at, whatever detects. */
export interface PicturePlan {
  readonly preparation: Preparation
  /** `[height, width]` of the first image. */
  readonly original: readonly [number, number]
  /** `[height, width]` of what goes through the network: of a tile, or of a whole image. */
  readonly seen: readonly [number, number]
  /** [H,W] of prepared images; undefined where all pixels count. */
  readonly mask: Tensor<'uint8'> | undefined
  /** A recipe that looks at tiles, at a region and at the part alone, as the spec says. */
  looking(recipe: DetectorRecipe): DetectorRecipe
}

/**
 * Plans how pictures are looked at.
 * @param images good ones, at least one, of which the first tells its size where it is needed
 * @throws INVALID_ARGUMENT, INVALID_DATA, NOT_FOUND naming the field or the file
 */
export async function planPictures(spec: PictureSpec, images: readonly Sample[]): Promise<PicturePlan> {
  const { imageSize, crop, filter, reading, tiles, region, ignore, foreground = false } = spec
  const isOriginal = imageSize === 'original' || (imageSize === undefined && tiles !== undefined)
  const original = await firstSize(images, isOriginal || region !== undefined || ignore !== undefined)
  const size = imageSize !== undefined && imageSize !== 'original' ? imageSize : isOriginal ? original : USUAL_SIZE
  const preparation: Preparation = {
    ...{ size, ...(crop ? { crop } : {}), ...(filter ? { filter } : {}) },
    ...(reading ? { reading } : {}),
  }
  const whole = crop ?? size
  const areas = {
    region: region === undefined ? undefined : await readArea('spec.region', region),
    ignore: ignore === undefined ? undefined : await readArea('spec.ignore', ignore),
  }
  const mask = regionMask('spec', areas, preparation, original)
  return {
    preparation,
    original,
    seen: tiles ? readNaming('spec.tiles', () => tileSize(whole, tiles)) : whole,
    mask,
    looking: (recipe) => lookingRecipe(recipe, tiles, mask, foreground),
  }
}

/** The size of the first image that has one; where it is not needed, one that cannot be read is for the fit to refuse. */
async function firstSize(images: readonly Sample[], isNeeded: boolean): Promise<readonly [number, number]> {
  const [first] = images as [Sample]
  return isNeeded ? readImageSize(first.path) : readImageSize(first.path).catch(() => USUAL_SIZE)
}
