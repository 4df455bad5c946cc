import { checkNumber, portableMath, randomUniform } from '@tab/core'
import { colorJitter, meanGrey } from '../augment/color-jitter.ts'
import { boxWithin, synthesizer } from '../canvas.ts'
import { sampleBilinear } from '../image/bilinear.ts'
import { checkKnown, checkRange, drawFrom, type Range } from '../options.ts'
import type { Synthesizer } from '../report.ts'

export interface CutPasteScarOptions {
  /** The width of the scar in pixels, for an image whose shorter side is 256. Default [2, 16]. */
  readonly width?: Range
  /** The length of the scar, likewise. Default [10, 25]. */
  readonly length?: Range
  /** The largest rotation either way, in degrees. Default 45. */
  readonly rotation?: number
  /** Strength of the colour jitter. Default 0.1. */
  readonly jitter?: number
}

/**
 * CutPaste-Scar (Li et al., CVPR 2021): a thin strip of the image, colour-jittered, rotated and pasted elsewhere. The mask
 * is the rotated strip; other released code leaves it empty.
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { cutPasteScar } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = cutPasteScar({ rotation: 30 }).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // cutPasteScar 12
 * ```
 */
export function cutPasteScar(options: CutPasteScarOptions = {}): Synthesizer {
  checkKnown('cutPasteScar', options, ['width', 'length', 'rotation', 'jitter'])
  const { width: widths = [2, 16], length: lengths = [10, 25], rotation = 45, jitter = 0.1 } = options
  checkRange('cutPasteScar', 'width', widths, { above: 0, maximum: 256 })
  checkRange('cutPasteScar', 'length', lengths, { above: 0, maximum: 256 })
  checkNumber('cutPasteScar', 'rotation', rotation, { minimum: 0, maximum: 180 })
  checkNumber('cutPasteScar', 'jitter', jitter, { minimum: 0, maximum: 0.5 })

  return synthesizer('cutPasteScar', (canvas, rng) => {
    const { height, width, source, pixels, mask } = canvas
    const scale = Math.min(height, width) / 256
    const [scarWidth, scarLength] = [
      Math.max(1, drawFrom(rng, widths) * scale),
      Math.max(2, drawFrom(rng, lengths) * scale),
    ]
    const angle = (randomUniform(rng, -rotation, rotation) / 180) * portableMath.PI
    const [sin, cos] = [portableMath.sin(angle), portableMath.cos(angle)]
    // The upright strip has its length along y. The reach of the rotated one to each side:
    const reachY = (Math.abs(cos) * scarLength + Math.abs(sin) * scarWidth) / 2
    const reachX = (Math.abs(sin) * scarLength + Math.abs(cos) * scarWidth) / 2
    const centreY = randomUniform(rng, reachY, Math.max(reachY, height - 1 - reachY))
    const centreX = randomUniform(rng, reachX, Math.max(reachX, width - 1 - reachX))
    const fromY = randomUniform(rng, scarLength / 2, Math.max(scarLength / 2, height - 1 - scarLength / 2))
    const fromX = randomUniform(rng, scarWidth / 2, Math.max(scarWidth / 2, width - 1 - scarWidth / 2))
    const from = boxWithin(
      canvas,
      fromY - scarLength / 2,
      fromX - scarWidth / 2,
      fromY + scarLength / 2,
      fromX + scarWidth / 2,
    )
    const color = colorJitter(rng, jitter, meanGrey(source, width, from))
    const box = boxWithin(canvas, centreY - reachY, centreX - reachX, centreY + reachY, centreX + reachX)
    const image = { height, width, data: source }
    const sample = new Float64Array(3)
    for (let y = box.top; y < box.top + box.height; y++) {
      for (let x = box.left; x < box.left + box.width; x++) {
        const [dy, dx] = [y - centreY, x - centreX]
        const [along, across] = [cos * dy - sin * dx, sin * dy + cos * dx]
        if (Math.abs(along) > scarLength / 2 || Math.abs(across) > scarWidth / 2) continue
        sampleBilinear(image, fromY + along, fromX + across, sample, 0)
        const pixel = y * width + x
        mask[pixel] = 1
        color(pixels, pixel * 3, sample[0] as number, sample[1] as number, sample[2] as number)
      }
    }
    return {
      boxes: [box],
      parameters: {
        width: scarWidth,
        length: scarLength,
        angle: (angle * 180) / portableMath.PI,
        from: [fromY, fromX],
      },
    }
  })
}
