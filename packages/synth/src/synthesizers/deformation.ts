import { portableMath, randomUniform } from '@tab/core'
import { boxWithin, synthesizer } from '../canvas.ts'
import { foregroundFinder, type Foreground } from '../foreground/known-foreground.ts'
import { sampleBilinear } from '../image/bilinear.ts'
import { checkKnown, checkRange, drawFrom, type Range } from '../options.ts'
import type { Synthesizer } from '../report.ts'
import { drawPlace } from './blob.ts'
import { labelChanges } from './label-changes.ts'

export interface DeformationOptions {
  /** The radius as a share of the image's shorter side. Default [0.08, 0.22]. */
  readonly radius?: Range
  /** The largest shift as a share of the radius; below 0.6 nothing folds over. Default [0.25, 0.5]. */
  readonly shift?: Range
  /** Where its centre may be. Default `auto`: {@link foregroundMask}. */
  readonly foreground?: Foreground
}

/**
 * A local warp: the surface is pushed aside within a circle, like a bent pin, a pulled thread or a dented edge (Gustafsson's local
 * translation warp). The mask marks pixels in the circle that changed by more than a grey level, after a 3 x 3 median.
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { deformation } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = deformation({ shift: [0.4, 0.5] }).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // deformation 133
 * ```
 */
export function deformation(options: DeformationOptions = {}): Synthesizer {
  checkKnown('deformation', options, ['radius', 'shift', 'foreground'])
  const { radius: radii = [0.08, 0.22], shift: shifts = [0.25, 0.5] } = options
  checkRange('deformation', 'radius', radii, { above: 0, maximum: 0.5 })
  checkRange('deformation', 'shift', shifts, { above: 0, maximum: 0.6 })
  const foregroundOf = foregroundFinder('deformation', options.foreground ?? 'auto')

  return synthesizer('deformation', (canvas, rng) => {
    const { height, width, source, pixels } = canvas
    const place = drawPlace(rng, foregroundOf(canvas.image))
    const [centreY, centreX] = [Math.floor(place / width), place % width]
    const radius = Math.max(3, drawFrom(rng, radii) * Math.min(height, width))
    const shift = drawFrom(rng, shifts) * radius
    const angle = randomUniform(rng, 0, 2 * portableMath.PI)
    const [shiftY, shiftX] = [portableMath.sin(angle) * shift, portableMath.cos(angle) * shift]
    const box = boxWithin(canvas, centreY - radius, centreX - radius, centreY + radius, centreX + radius)
    const image = { height, width, data: source }
    for (let y = box.top; y < box.top + box.height; y++) {
      for (let x = box.left; x < box.left + box.width; x++) {
        const [dy, dx] = [y - centreY, x - centreX]
        const inside = 1 - (dy * dy + dx * dx) / (radius * radius)
        if (inside <= 0) continue
        const at = (y * width + x) * 3
        sampleBilinear(image, y - shiftY * inside * inside, x - shiftX * inside * inside, pixels, at)
      }
    }
    labelChanges(canvas, [box])
    return { boxes: [box], parameters: { centre: [centreY, centreX], radius, shift: [shiftY, shiftX] } }
  })
}
