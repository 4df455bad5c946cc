import { checkNumber, shuffle, type Rng } from '@tab/core'
import { synthesizer } from '../canvas.ts'
import { foregroundFinder, type Foreground } from '../foreground/known-foreground.ts'
import type { Pixels } from '../image/bilinear.ts'
import { perlinPlaces } from '../noise/perlin-places.ts'
import { checkKnown, checkRange, drawFrom, type Range } from '../options.ts'
import type { Synthesizer } from '../report.ts'
import {
  augmentedColours,
  checkTextureSource,
  drawTexture,
  type DrawnSource,
  type TextureSource,
} from './anomaly-source.ts'
import { blendColours } from './blend-colours.ts'

export interface MemSegAnomalyOptions {
  /** The noise has 2^k cells per axis, with a whole k from this range. Default [0, 5]. */
  readonly gridCellsExponent?: Range
  /** Noise above this is a defect. Default 0.5. */
  readonly threshold?: number
  /** What fills half of the masks; shuffled tiles of the image fill the other half. Default `procedural`. */
  readonly textures?: TextureSource
  /** The number of tiles per axis of the shuffled image. Default 8. */
  readonly tiles?: number
  /** Strength of the defect. Default [0.15, 1]. */
  readonly opacity?: Range
  /** Where the object is. Default `auto`: {@link foregroundMask}. */
  readonly foreground?: Foreground
}

/**
 * MemSeg's anomalies (Yang, Wu & Feng 2023): Perlin noise on the foreground, filled with an augmented texture or with
 * shuffled tiles of the image. The mask is inside the foreground.
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { memSegAnomaly } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = memSegAnomaly({ textures: 'image' }).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // memSegAnomaly 120
 * ```
 */
export function memSegAnomaly(options: MemSegAnomalyOptions = {}): Synthesizer {
  const known = ['gridCellsExponent', 'threshold', 'textures', 'tiles', 'opacity', 'foreground']
  checkKnown('memSegAnomaly', options, known)
  const {
    gridCellsExponent = [0, 5],
    threshold = 0.5,
    textures = 'procedural',
    tiles = 8,
    opacity = [0.15, 1],
  } = options
  checkRange('memSegAnomaly', 'gridCellsExponent', gridCellsExponent, { integer: true, minimum: 0, maximum: 7 })
  checkNumber('memSegAnomaly', 'threshold', threshold, { minimum: -1, maximum: 1 })
  checkNumber('memSegAnomaly', 'tiles', tiles, { integer: true, minimum: 2, maximum: 32 })
  checkRange('memSegAnomaly', 'opacity', opacity, { above: 0, maximum: 1 })
  checkTextureSource('memSegAnomaly', textures)
  const foregroundOf = foregroundFinder('memSegAnomaly', options.foreground ?? 'auto')

  return synthesizer('memSegAnomaly', (canvas, rng) => {
    const { height, width, image } = canvas
    const noise = perlinPlaces(rng, height, width, gridCellsExponent, threshold, foregroundOf(image))
    const { places, gridCells, angle } = noise
    if (places.length === 0) return undefined
    const whole = { height, width, data: canvas.source }
    const texture = rng() < 0.5 ? drawTexture(rng, textures, whole) : shuffledTiles(rng, whole, tiles)
    const { colours, augmentations } = augmentedColours(rng, texture.pixels, places, height, width)
    const strength = drawFrom(rng, opacity)
    return {
      boxes: blendColours(canvas, places, colours, strength),
      parameters: { gridCells, angle, texture: texture.name, augmentations, opacity: strength },
    }
  })
}

/** The image cut into tiles x tiles parts in random order; a remainder at the right and bottom stays in place. */
function shuffledTiles(rng: Rng, { height, width, data }: Pixels, tiles: number): DrawnSource {
  const [tileHeight, tileWidth] = [Math.floor(height / tiles), Math.floor(width / tiles)]
  const order = shuffle(
    rng,
    Array.from({ length: tiles * tiles }, (_, tile) => tile),
  )
  const result = data.slice()
  order.forEach((from, to) => {
    const corner = (tile: number): number =>
      (Math.floor(tile / tiles) * tileHeight * width + (tile % tiles) * tileWidth) * 3
    for (let y = 0; y < tileHeight; y++) {
      const start = corner(from) + y * width * 3
      result.set(data.subarray(start, start + tileWidth * 3), corner(to) + y * width * 3)
    }
  })
  return { name: 'shuffled tiles', pixels: { height, width, data: result } }
}
