import { checkNumber, randomGamma, randomInteger, randomNormal, TabError, type Rng, type Tensor } from '@tab/core'
import { checkPixels, synthesizer } from '../canvas.ts'
import { foregroundFinder, type Foreground } from '../foreground/known-foreground.ts'
import { cropResized, type Pixels } from '../image/bilinear.ts'
import { checkKnown, checkRange, type Range } from '../options.ts'
import { blendPatch, type Gradients } from '../poisson/blend-patch.ts'
import type { Box, Synthesizer } from '../report.ts'
import { labelChanges } from './label-changes.ts'
import { shareOfOnes, summedArea, type SummedArea } from '../foreground/summed-area.ts'

export interface PoissonPatchOptions {
  /** Images of the same class to take patches from, each [H,W,3] in [0,1] and of any size. Default: the image itself. */
  readonly sources?: readonly Tensor[]
  /** The number of patches, blended in one after another. Default [1, 4]. */
  readonly patches?: readonly [number, number]
  /** Half the side of a patch is (offset + Gamma(shape, scale)) times the side of the image, clipped to `bounds`. */
  readonly halfSize?: {
    /** Default 0.05 (NSA's own: 0.03). */
    readonly offset?: number
    /** Default 2. */
    readonly shape?: number
    /** Default 0.07 (NSA's own: 0.05). */
    readonly scale?: number
    /** Default [0.05, 0.2]. */
    readonly bounds?: Range
  }
  /** The patch is resized by a factor N(1, deviation), clipped to `range`. Default deviation 0.5, range [0.7, 1.3]. */
  readonly resize?: { readonly deviation?: number; readonly range?: Range }
  /** Default `either`: one of them at random. */
  readonly gradients?: Gradients | 'either'
  /** The least share of the patch that is on the foreground, both at its source and its target. Default 0.25. */
  readonly minimumOverlap?: number
  /** Where the object is. Default `auto`: {@link foregroundMask}. */
  readonly foreground?: Foreground
}

const PLACEMENTS = 50 // draws of a place before the try is given up

/**
 * Natural synthetic anomalies (NSA, Schlueter et al., ECCV 2022, with the sizes of TAB): patches of another image of the class,
 * resized, shifted and blended in by their gradients. The mask marks pixels that changed by more than a grey level, after a 3 x 3
 * median; it covers at most `patches` rectangles with sides of 1.3 times twice the largest half size.
 * @example
 * ```ts
 * import { createRng } from '@tab/core'
 * import { syntheticParts } from '@tab/data'
 * import { poissonPatch } from '@tab/synth'
 * const { image } = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 }).normal(0)
 * const { mask, report } = poissonPatch({ patches: [1, 2] }).synthesize(image, createRng(7))
 * console.log(report.kind, mask.data.filter((value) => value === 1).length) // poissonPatch 1163
 * ```
 */
export function poissonPatch(options: PoissonPatchOptions = {}): Synthesizer {
  checkKnown('poissonPatch', options, [
    'sources',
    'patches',
    'halfSize',
    'resize',
    'gradients',
    'minimumOverlap',
    'foreground',
  ])
  const settings = checkOptions(options)
  const { sources, patches, minimumOverlap, foregroundOf } = settings
  const areas = new WeakMap<Uint8Array, SummedArea>()
  const areaOf = (image: Tensor): SummedArea => {
    const mask = foregroundOf(image)
    const area = areas.get(mask) ?? summedArea(mask, image.shape[0] as number, image.shape[1] as number)
    areas.set(mask, area)
    return area
  }

  return synthesizer('poissonPatch', (canvas, rng) => {
    const { height, width, image } = canvas
    const boxes: Box[] = []
    const details: { from: number[]; source: number; resize: number; gradients: Gradients }[] = []
    const count = randomInteger(rng, patches[0], patches[1])
    for (let patch = 0; patch < count; patch++) {
      const index = sources ? randomInteger(rng, 0, sources.length - 1) : -1
      const source = sources?.[index] ?? image
      const [sourceHeight, sourceWidth] = source.shape as [number, number]
      const resize = settings.drawResize(rng)
      const cropHeight = settings.drawSide(rng, sourceHeight)
      const cropWidth = settings.drawSide(rng, sourceWidth)
      // A ring of one pixel around the patch stays the image's.
      const rows = Math.max(2, Math.min(height - 2, Math.round(cropHeight * resize)))
      const columns = Math.max(2, Math.min(width - 2, Math.round(cropWidth * resize)))
      const from = placeOn(rng, areaOf(source), cropHeight, cropWidth, 0, minimumOverlap)
      const to = placeOn(rng, areaOf(image), rows, columns, 1, minimumOverlap)
      if (!from || !to) continue
      const gradients = settings.drawGradients(rng)
      const pixels = cropWithRing(source, from, rows, columns)
      blendPatch(canvas.pixels, width, to.top, to.left, pixels, gradients)
      boxes.push(to)
      details.push({ from: [from.top, from.left, from.height, from.width], source: index, resize, gradients })
    }
    labelChanges(canvas, boxes)
    return boxes.length === 0 ? undefined : { boxes, parameters: { patches: details } }
  })
}

function checkOptions(options: PoissonPatchOptions) {
  const where = 'poissonPatch'
  const { sources, patches = [1, 4], gradients = 'either', minimumOverlap = 0.25, halfSize = {}, resize = {} } = options
  checkKnown(where, halfSize, ['offset', 'shape', 'scale', 'bounds'])
  checkKnown(where, resize, ['deviation', 'range'])
  const { offset = 0.05, shape = 2, scale = 0.07, bounds = [0.05, 0.2] } = halfSize
  const { deviation = 0.5, range = [0.7, 1.3] } = resize
  checkRange(where, 'patches', patches, { integer: true, minimum: 1, maximum: 64 })
  checkNumber(where, 'halfSize.offset', offset, { minimum: 0, maximum: 0.5 })
  checkNumber(where, 'halfSize.shape', shape, { above: 0 })
  checkNumber(where, 'halfSize.scale', scale, { minimum: 0 })
  checkRange(where, 'halfSize.bounds', bounds, { above: 0, maximum: 0.5 })
  checkNumber(where, 'resize.deviation', deviation, { minimum: 0 })
  checkRange(where, 'resize.range', range, { above: 0, maximum: 4 })
  checkNumber(where, 'minimumOverlap', minimumOverlap, { minimum: 0, maximum: 1 })
  if (!['source', 'mixed', 'either'].includes(gradients)) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: 'gradients must be source, mixed or either',
      actual: gradients,
    })
  }
  if (sources?.length === 0) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'sources must hold at least one image', actual: 'none' })
  }
  sources?.forEach((source, index) => checkPixels(where, `sources[${index}]`, source))
  const between = (value: number, [low, high]: Range): number => Math.min(high, Math.max(low, value))
  return {
    sources,
    patches,
    minimumOverlap,
    foregroundOf: foregroundFinder(where, options.foreground ?? 'auto'),
    drawSide: (rng: Rng, side: number): number =>
      Math.max(2, Math.round(2 * between(offset + (scale === 0 ? 0 : randomGamma(rng, shape, scale)), bounds) * side)),
    drawResize: (rng: Rng): number => between(1 + deviation * randomNormal(rng), range),
    drawGradients: (rng: Rng): Gradients => (gradients !== 'either' ? gradients : rng() < 0.5 ? 'source' : 'mixed'),
  }
}

/** A random place for a box with at least a given share on the foreground, `margin` pixels from the image's edge. */
function placeOn(
  rng: Rng,
  area: SummedArea,
  height: number,
  width: number,
  margin: number,
  minimumShare: number,
): Box | undefined {
  for (let draw = 0; draw < PLACEMENTS; draw++) {
    const box = {
      top: randomInteger(rng, margin, Math.max(margin, area.height - height - margin)),
      left: randomInteger(rng, margin, Math.max(margin, area.width - width - margin)),
      height: Math.min(height, area.height - 2 * margin),
      width: Math.min(width, area.width - 2 * margin),
    }
    if (shareOfOnes(area, box) >= minimumShare) return box
  }
  return undefined
}

/** The crop resized to rows x columns, with a ring of one extra pixel around it. */
function cropWithRing({ shape, data }: Tensor, from: Box, rows: number, columns: number): Pixels {
  const image = { height: shape[0] as number, width: shape[1] as number, data }
  const [ringY, ringX] = [from.height / rows, from.width / columns]
  return cropResized(
    image,
    from.top - ringY,
    from.left - ringX,
    from.height + 2 * ringY,
    from.width + 2 * ringX,
    rows + 2,
    columns + 2,
  )
}
