import {
  portableMath,
  randomInteger,
  randomUniform,
  sampleIndices,
  shuffle,
  TabError,
  type Rng,
  type Tensor,
} from '@tab/core'
import { checkPixels } from '../canvas.ts'
import { POINT_OPERATIONS, type PointOperationName } from '../augment/point-operations.ts'
import { sharpen } from '../augment/sharpen.ts'
import { sampleBilinear, type Pixels } from '../image/bilinear.ts'
import { proceduralTexture } from '../noise/procedural-texture.ts'

/** What fills a Perlin mask: given textures (one is drawn per image), the image itself, or built-in procedural textures. */
export type TextureSource = 'procedural' | 'image' | readonly Tensor[]

/** @throws INVALID_ARGUMENT for another word, an empty list or a texture that is not [H,W,3] with values in [0,1] */
export function checkTextureSource(where: string, source: TextureSource): void {
  if (source === 'procedural' || source === 'image') return
  if (Array.isArray(source) && source.length > 0) {
    source.forEach((texture: Tensor, index) => checkPixels(where, `textures[${index}]`, texture))
    return
  }
  throw new TabError('INVALID_ARGUMENT', {
    where,
    expected: 'textures must be "procedural", "image" or a list of one or more [H,W,3] tensors',
    actual: JSON.stringify(source),
  })
}

/** A source image and its name in a report. */
export interface DrawnSource {
  readonly name: string
  readonly pixels: Pixels
}

export function drawTexture(rng: Rng, source: TextureSource, image: Pixels): DrawnSource {
  if (source === 'image') return { name: 'image', pixels: image }
  if (source === 'procedural') {
    const { kind, texture } = proceduralTexture(rng, image.height, image.width)
    return { name: kind, pixels: texture }
  }
  const index = randomInteger(rng, 0, source.length - 1)
  const { shape, data } = source[index] as Tensor
  return { name: `texture ${index}`, pixels: { height: shape[0] as number, width: shape[1] as number, data } }
}

const OPERATION_NAMES = [...(Object.keys(POINT_OPERATIONS) as PointOperationName[]), 'sharpen', 'rotate'] as const

/**
 * The colours of a source at some pixels of the image, after three of ten augmentations (DRAEM, Zavrtanik et al., ICCV 2021).
 * Those that move pixels come first; those of single values then process only pixels inside the mask.
 * @param places indices of pixels, row-major
 * @returns RGB [places * 3] and the names of the augmentations
 */
export function augmentedColours(
  rng: Rng,
  source: Pixels,
  places: Int32Array,
  height: number,
  width: number,
): { colours: Float32Array; augmentations: string[] } {
  const chosen = shuffle(
    rng,
    sampleIndices(rng, OPERATION_NAMES.length, 3).map(
      (index) => OPERATION_NAMES[index] as (typeof OPERATION_NAMES)[number],
    ),
  )
  const sharp = chosen.includes('sharpen') ? sharpen(source, randomUniform(rng, 0, 2)) : source
  const angle = chosen.includes('rotate') ? randomUniform(rng, -portableMath.PI / 4, portableMath.PI / 4) : 0
  const colours = gather(sharp, places, height, width, angle)
  for (const name of chosen) if (name !== 'sharpen' && name !== 'rotate') POINT_OPERATIONS[name](colours, rng)
  return { colours, augmentations: chosen }
}

/** The colours at pixels of the image, from a source stretched over it and rotated about its centre. */
function gather(source: Pixels, places: Int32Array, height: number, width: number, angle: number): Float32Array {
  const colours = new Float32Array(places.length * 3)
  if (angle === 0 && source.height === height && source.width === width) {
    for (let i = 0; i < places.length; i++) {
      const at = (places[i] as number) * 3
      colours[i * 3] = source.data[at] as number
      colours[i * 3 + 1] = source.data[at + 1] as number
      colours[i * 3 + 2] = source.data[at + 2] as number
    }
    return colours
  }
  const [sin, cos] = [portableMath.sin(angle), portableMath.cos(angle)]
  const [scaleY, scaleX] = [source.height / height, source.width / width]
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number
    const y = Math.floor(place / width)
    const [dy, dx] = [(y + 0.5 - height / 2) * scaleY, (place - y * width + 0.5 - width / 2) * scaleX]
    const [sourceY, sourceX] = [source.height / 2 + cos * dy - sin * dx, source.width / 2 + sin * dy + cos * dx]
    sampleBilinear(source, sourceY - 0.5, sourceX - 0.5, colours, i * 3)
  }
  return colours
}
