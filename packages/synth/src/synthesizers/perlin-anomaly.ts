import { checkNumber } from '@tab/core'
import { synthesizer } from '../canvas.ts'
import { perlinPlaces } from '../noise/perlin-places.ts'
import { checkKnown, checkRange, drawFrom, type Range } from '../options.ts'
import type { Synthesizer } from '../report.ts'
import { augmentedColours, checkTextureSource, drawTexture, type TextureSource } from './anomaly-source.ts'
import { blendColours } from './blend-colours.ts'

export interface PerlinAnomalyOptions {
  /** The noise has 2^k cells per axis, with a whole k from this range; more cells give smaller defects. Default [0, 5]. */
  readonly gridCellsExponent?: Range
  /** Noise above this is a defect. Default 0.5. */
  readonly threshold?: number
  /** What fills the mask, after augmentation. Default `procedural`. */
  readonly textures?: TextureSource
  /** How much of the image shows through. Default [0, 0.8]. */
  readonly transparency?: Range
}

/**
 * DRAEM's anomalies (Zavrtanik et al., ICCV 2021): out = (1 - m) I + m ((1 - b) T + b I) with rotated, thresholded Perlin
 * noise m and an augmented texture T. The mask may cover anything from one pixel to nearly the whole image.
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { perlinAnomaly } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = perlinAnomaly({ transparency: [0, 0.5] }).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // perlinAnomaly 283
 * ```
 */
export function perlinAnomaly(options: PerlinAnomalyOptions = {}): Synthesizer {
  checkKnown('perlinAnomaly', options, ['gridCellsExponent', 'threshold', 'textures', 'transparency'])
  const { gridCellsExponent = [0, 5], threshold = 0.5, textures = 'procedural', transparency = [0, 0.8] } = options
  checkRange('perlinAnomaly', 'gridCellsExponent', gridCellsExponent, { integer: true, minimum: 0, maximum: 7 })
  checkNumber('perlinAnomaly', 'threshold', threshold, { minimum: -1, maximum: 1 })
  checkRange('perlinAnomaly', 'transparency', transparency, { minimum: 0, below: 1 })
  checkTextureSource('perlinAnomaly', textures)

  return synthesizer('perlinAnomaly', (canvas, rng) => {
    const { height, width } = canvas
    const { places, gridCells, angle } = perlinPlaces(rng, height, width, gridCellsExponent, threshold)
    if (places.length === 0) return undefined
    const texture = drawTexture(rng, textures, { height, width, data: canvas.source })
    const { colours, augmentations } = augmentedColours(rng, texture.pixels, places, height, width)
    const shine = drawFrom(rng, transparency)
    return {
      boxes: blendColours(canvas, places, colours, 1 - shine),
      parameters: { gridCells, angle, texture: texture.name, augmentations, transparency: shine },
    }
  })
}
