import { portableMath, randomUniform } from '@tab/core'
import { boxWithin, synthesizer } from '../canvas.ts'
import { foregroundFinder, type Foreground } from '../foreground/known-foreground.ts'
import { checkKnown, checkRange, drawFrom, type Range } from '../options.ts'
import type { Synthesizer } from '../report.ts'
import { drawPlace, forCovered } from './blob.ts'

export interface ScratchOptions {
  /** The length as a share of the image's diagonal. Default [0.08, 0.35]. */
  readonly length?: Range
  /** The width in pixels, for an image whose shorter side is 256. Default [0.8, 3]. */
  readonly width?: Range
  /** The change of brightness at the middle of the line, lighter or darker at random. Default [0.15, 0.45]. */
  readonly strength?: Range
  /** How far the line turns from end to end, in degrees, to either side. Default [0, 60]. */
  readonly bend?: Range
  /** Where it may start. Default `auto`: {@link foregroundMask}. */
  readonly foreground?: Foreground
}

/**
 * A scratch: a bent line with thin ends, one bright and one dark flank, like a groove in oblique light. The mask is at most
 * `length` by about three times `width`.
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { scratch } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = scratch({ length: [0.2, 0.3] }).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // scratch 46
 * ```
 */
export function scratch(options: ScratchOptions = {}): Synthesizer {
  checkKnown('scratch', options, ['length', 'width', 'strength', 'bend', 'foreground'])
  const { length: lengths = [0.08, 0.35], width: widths = [0.8, 3], strength = [0.15, 0.45], bend = [0, 60] } = options
  checkRange('scratch', 'length', lengths, { above: 0, maximum: 1 })
  checkRange('scratch', 'width', widths, { above: 0, maximum: 64 })
  checkRange('scratch', 'strength', strength, { above: 0, maximum: 1 })
  checkRange('scratch', 'bend', bend, { minimum: 0, maximum: 180 })
  const foregroundOf = foregroundFinder('scratch', options.foreground ?? 'auto')

  return synthesizer('scratch', (canvas, rng) => {
    const { height, width, pixels, image } = canvas
    const start = drawPlace(rng, foregroundOf(image))
    const length = drawFrom(rng, lengths) * Math.sqrt(height * height + width * width)
    const halfWidth = Math.max(0.5, (drawFrom(rng, widths) * Math.min(height, width)) / 512)
    const contrast = drawFrom(rng, strength) * (rng() < 0.5 ? -1 : 1)
    const turn = (drawFrom(rng, bend) / 180) * portableMath.PI * (rng() < 0.5 ? -1 : 1)
    const angle = randomUniform(rng, 0, 2 * portableMath.PI)
    const steps = Math.max(2, Math.ceil(length * 2))
    const line: { y: number; x: number; half: number }[] = []
    let [y, x] = [Math.floor(start / width), start % width]
    for (let step = 0; step <= steps; step++) {
      const along = step / steps
      const taper = Math.min(1, 6 * along, 6 * (1 - along))
      line.push({ y, x, half: halfWidth * (0.35 + 0.65 * taper) })
      const direction = angle + turn * along
      y += (portableMath.sin(direction) * length) / steps
      x += (portableMath.cos(direction) * length) / steps
    }
    const reach = 2 * halfWidth + 1
    const [ys, xs] = [line.map((point) => point.y), line.map((point) => point.x)]
    const box = boxWithin(
      canvas,
      Math.min(...ys) - reach,
      Math.min(...xs) - reach,
      Math.max(...ys) + reach,
      Math.max(...xs) + reach,
    )
    if (box.height === 0 || box.width === 0) return undefined
    const groove = cover(line, box, 0)
    // The flank away from the light: the same line, shifted by its width, with the opposite sign.
    const flank = cover(line, box, halfWidth * 1.5)
    const both = groove.map((value, i) => Math.max(value, 0.6 * (flank[i] as number)))
    forCovered(canvas, { box, alpha: both }, (pixel, _, py, px) => {
      const i = (py - box.top) * box.width + px - box.left
      const change = contrast * ((groove[i] as number) - 0.5 * (flank[i] as number) * (1 - (groove[i] as number)))
      for (let at = pixel * 3; at < pixel * 3 + 3; at++) pixels[at] = (pixels[at] as number) + change
    })
    return {
      boxes: [box],
      parameters: { length, width: 2 * halfWidth, strength: contrast, bend: (turn * 180) / portableMath.PI },
    }
  })
}

/** How much of each pixel of the box is covered by the line, shifted down and right by `shift`. */
function cover(
  line: readonly { y: number; x: number; half: number }[],
  box: { top: number; left: number; height: number; width: number },
  shift: number,
): Float32Array {
  const alpha = new Float32Array(box.height * box.width)
  for (const { y, x, half } of line) {
    const [cy, cx] = [y + shift - box.top, x + shift - box.left]
    const reach = half + 1
    for (let py = Math.max(0, Math.ceil(cy - reach)); py <= Math.min(box.height - 1, cy + reach); py++) {
      for (let px = Math.max(0, Math.ceil(cx - reach)); px <= Math.min(box.width - 1, cx + reach); px++) {
        const [dy, dx] = [py - cy, px - cx]
        const covered = Math.min(1, half + 0.5 - Math.sqrt(dy * dy + dx * dx))
        const at = py * box.width + px
        if (covered > (alpha[at] as number)) alpha[at] = covered
      }
    }
  }
  return alpha
}
