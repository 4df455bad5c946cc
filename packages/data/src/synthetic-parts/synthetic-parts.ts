import { checkNumber, deriveRng, TabError, tensor, tensorOf, type Rng, type Tensor } from '@tab/core'
import type { Size } from '../resize.ts'
import { withDefect, type DefectKind } from './defects.ts'
import { defectsOf } from './defects-of.ts'
import { PART_FAMILIES, PART_KINDS, type PartKind } from './part-families.ts'
import { pose } from './pose.ts'
import { addSensorNoise, render, type Scene } from './render.ts'
import type { Part } from './surface.ts'

export interface SyntheticPartsOptions {
  readonly part: PartKind
  /** `[height, width]`, each 32 or more. */
  readonly size: Size
  readonly seed: number
}

/** A synthetic photograph. */
export interface SyntheticPart {
  /** [H,W,3], with 8-bit depth. */
  readonly image: Tensor
  /** [H,W], 1 where the defect changed the image (before noise) by more than 3 of 255 levels; pinholes are closed. */
  readonly mask: Tensor<'uint8'>
  readonly defect: DefectKind | 'good'
}

/** Photographs of one kind of part; each depends only on the seed and its index, not on what was drawn before. */
export interface SyntheticParts {
  normal(index: number): SyntheticPart
  anomalous(index: number, defect: DefectKind): SyntheticPart
}

const VISIBLE = 3.5 / 255
const SMALLEST_MASK = 12 // pixels; a barely visible defect is drawn again elsewhere
const TRIES = 20

/**
 * Generates realistic images of good and damaged parts, for tests, demos and first experiments. Damage changes the part's shape or
 * material under the same light; no patch is copied and no noise is blended in, so detectors trained on `@tab/synth` are not judged
 * by their own kind of anomaly. The same seed gives the same bytes on every platform.
 * @throws INVALID_ARGUMENT for an unknown part or a size below 32; `anomalous` for a kind of defect that the part cannot have (`defectsOf`)
 * @example
 * ```ts
 * import { syntheticParts } from '@tab/data'
 * const parts = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 })
 * const { image, mask, defect } = parts.anomalous(0, 'scratch')
 * console.log(defect, image.shape, mask.data.includes(1)) // scratch [ 64, 64, 3 ] true
 * ```
 */
export function syntheticParts({ part, size, seed }: SyntheticPartsOptions): SyntheticParts {
  const where = 'syntheticParts'
  if (!PART_KINDS.includes(part)) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: `part must be one of ${PART_KINDS.join(', ')}`,
      actual: String(part),
    })
  }
  const [height, width] = size
  for (const side of size) checkNumber(where, 'size', side, { integer: true, minimum: 32 })
  const pixel = 1 / Math.min(height, width)
  const kinds = defectsOf(part)

  function specimen(kind: string, index: number): { part: Part; scene: Scene; rng: Rng } {
    checkNumber(where, 'index', index, { integer: true, minimum: 0 })
    const rng = deriveRng(seed, part, kind, index)
    const made = PART_FAMILIES[part](rng, pixel)
    return { part: made, scene: pose(made, size, rng), rng }
  }

  return {
    normal(index) {
      const { part: made, scene, rng } = specimen('good', index)
      const image = render(made.surface, scene)
      addSensorNoise(image, rng)
      const mask = tensorOf('uint8', [height, width], new Uint8Array(height * width))
      return { image: tensor([height, width, 3], image), mask, defect: 'good' }
    },
    anomalous(index, defect) {
      if (!kinds.includes(defect)) {
        throw new TabError('INVALID_ARGUMENT', {
          where: `${where}.anomalous`,
          expected: `defect must be one of ${kinds.join(', ')} on part ${part}`,
          actual: String(defect),
        })
      }
      const { part: made, scene, rng } = specimen(defect, index)
      const clean = render(made.surface, scene)
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const image = render(withDefect(defect, made, rng, pixel), scene)
        const mask = closePinholes(visibleDifference(image, clean), height, width)
        if (mask.reduce((sum, value) => sum + value, 0) < SMALLEST_MASK) continue
        addSensorNoise(image, rng)
        return { image: tensor([height, width, 3], image), mask: tensorOf('uint8', [height, width], mask), defect }
      }
      throw new TabError('UNDEFINED_RESULT', {
        where,
        message: `no visible ${defect} on ${part} ${index} after ${TRIES} tries`,
      })
    },
  }
}

function visibleDifference(image: Float32Array, clean: Float32Array): Uint8Array {
  const mask = new Uint8Array(image.length / 3)
  for (let i = 0; i < image.length; i++) {
    if (Math.abs((image[i] as number) - (clean[i] as number)) > VISIBLE) mask[Math.floor(i / 3)] = 1
  }
  return mask
}

/** Sets the pixels with at least 5 of 8 neighbours set: differences also cross 0 inside a defect. */
function closePinholes(mask: Uint8Array, height: number, width: number): Uint8Array {
  const closed = mask.slice()
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      let neighbours = 0
      for (let dy = -width; dy <= width; dy += width) {
        for (let dx = -1; dx <= 1; dx++) neighbours += mask[y * width + x + dy + dx] as number
      }
      if (neighbours >= 5) closed[y * width + x] = 1
    }
  }
  return closed
}
