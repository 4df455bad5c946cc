import { checkNumber, portableMath, randomInteger, type Rng } from '@tab/core'
import { colorJitter, meanGrey } from '../augment/color-jitter.ts'
import { synthesizer } from '../canvas.ts'
import { checkKnown, checkRange, drawFrom, type Range } from '../options.ts'
import type { Synthesizer } from '../report.ts'

export interface CutPasteOptions {
  /** The share of the image that the patch covers. Default [0.02, 0.15]. */
  readonly areaShare?: Range
  /** The longer side of the patch divided by the shorter; either may be the height. Default [1, 3.3]. */
  readonly aspectRatio?: Range
  /** Strength of the colour jitter. Default 0.1. */
  readonly jitter?: number
}

/**
 * CutPaste (Li et al., CVPR 2021): a rectangle of the image, colour-jittered and pasted elsewhere. The mask is the whole
 * rectangle, so its area is within `areaShare` (to one pixel per side, and limited by the sides of the image).
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { cutPaste } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = cutPaste({ areaShare: [0.02, 0.05] }).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // cutPaste 192
 * ```
 */
export function cutPaste(options: CutPasteOptions = {}): Synthesizer {
  checkKnown('cutPaste', options, ['areaShare', 'aspectRatio', 'jitter'])
  const { areaShare = [0.02, 0.15], aspectRatio = [1, 3.3], jitter = 0.1 } = options
  checkRange('cutPaste', 'areaShare', areaShare, { above: 0, maximum: 1 })
  checkRange('cutPaste', 'aspectRatio', aspectRatio, { minimum: 1 })
  checkNumber('cutPaste', 'jitter', jitter, { minimum: 0, maximum: 0.5 })

  return synthesizer('cutPaste', (canvas, rng) => {
    const { height, width, source, pixels, mask } = canvas
    const area = drawFrom(rng, areaShare) * height * width
    const aspect = drawAspect(rng, aspectRatio)
    const box = { height: side(Math.sqrt(area * aspect), height), width: side(Math.sqrt(area / aspect), width) }
    const place = (): { top: number; left: number; height: number; width: number } => ({
      top: randomInteger(rng, 0, height - box.height),
      left: randomInteger(rng, 0, width - box.width),
      ...box,
    })
    const [from, to] = [place(), place()]
    const color = colorJitter(rng, jitter, meanGrey(source, width, from))
    for (let y = 0; y < box.height; y++) {
      let at = ((from.top + y) * width + from.left) * 3
      let out = ((to.top + y) * width + to.left) * 3
      mask.fill(1, out / 3, out / 3 + box.width)
      for (const end = at + box.width * 3; at < end; at += 3, out += 3) {
        color(pixels, out, source[at] as number, source[at + 1] as number, source[at + 2] as number)
      }
    }
    return { boxes: [to], parameters: { from: [from.top, from.left] } }
  })
}

/** Log-uniform between the bounds, and upright or flat at random. */
function drawAspect(rng: Rng, [low, high]: Range): number {
  const aspect = portableMath.exp(drawFrom(rng, [portableMath.log(low), portableMath.log(high)]))
  return rng() < 0.5 ? aspect : 1 / aspect
}

function side(length: number, limit: number): number {
  return Math.max(1, Math.min(limit, Math.round(length)))
}
