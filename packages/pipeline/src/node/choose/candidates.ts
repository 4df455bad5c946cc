import type { ChoosableMethod, ChooseSpecWrittenOut } from '../../spec/choose-spec.ts'
import { DEFAULT_BACKBONE } from '../../spec/default-backbone.ts'
import type { LearningSpec } from '../../spec/detector-spec.ts'
import type { FitSpec } from '../../spec/fit-spec.ts'
import { tilesText, type TilesSpec } from '../../spec/tiles-spec.ts'

/** Something to fit and measure. */
export interface Candidate {
  readonly name: string
  readonly backbone: { readonly name: string; readonly weights: string }
  readonly detector: LearningSpec
  /** What of it a time is compared with: the same method and settings at another size. */
  readonly method: string
  readonly imageSize: readonly [number, number] | 'original'
  readonly tiles: TilesSpec | null
  readonly reading: 'exact' | 'fast'
  /** Pixels that go through the network for one image. */
  readonly pixels: number
}

type Size = readonly [number, number]

const USUAL: Size = [224, 224]
const SMALL: Size = [160, 160]
const LARGER_SIDES = [320, 448]
const ROUND = 32 // pixels that sides are multiples of, as strides of networks are
const SQUARE_UP_TO = 1.25 // sides in such a ratio are squeezed to a square
const TILED_FROM = 2 * 448 ** 2 // pixels of a photograph
const TILE_SIDES = { small: 256, large: 512, largeFrom: 4e6 } as const
const TILED_BANK = 2000 // patches, as the guide on large images advises
const FAST_READING_FROM = 1e6 // pixels: reading exactly takes a tenth of a second there
const OVERLAP = 8 / 7 // by tiles that share an eighth of their side, in each direction

const SETTINGS: readonly (readonly [name: string, detector: LearningSpec, round: number])[] = [
  ['patchcore', { method: 'patchcore' }, 0],
  ['subspace', { method: 'subspace' }, 0],
  ['padim', { method: 'padim' }, 0],
  ['patchcore, 1 % of the patches', { method: 'patchcore', coresetRatio: 0.01 }, 2],
  ['patchcore, mean of the top 1 %', { method: 'patchcore', imageScore: { topShare: 0.01 } }, 2],
  ['patchcore, adapted', { method: 'patchcore', adapt: true }, 4],
]
const [PATCHCORE, SUBSPACE, PADIM] = SETTINGS.map(([name]) => name)

/**
 * What is tried, the cheap and promising first: every method as it is at the usual size, then PatchCore and the subspace at a larger one, then
 * settings, other sizes and tiles.
 * @param photograph `[height, width]`
 */
export function candidatesOf(spec: ChooseSpecWrittenOut, photograph: Size): Candidate[] {
  const { backbones = [{ name: DEFAULT_BACKBONE, weights: DEFAULT_BACKBONE }], detectors, imageSizes } = spec
  const settings = SETTINGS.filter(
    ([, { method }]) => !detectors || (detectors as readonly ChoosableMethod[]).includes(method),
  )
  const area = photograph[0] * photograph[1]
  const reading = spec.reading ?? (area >= FAST_READING_FROM ? 'fast' : 'exact')
  const found: { readonly round: number; readonly candidate: Candidate }[] = []
  const add = (
    round: number,
    setting: (typeof SETTINGS)[number],
    place: Pick<Candidate, 'imageSize' | 'tiles' | 'pixels'>,
  ) => {
    const [method, detector] = setting
    for (const backbone of backbones) {
      const where = place.tiles
        ? `tiles of ${tilesText(place.tiles)}${place.imageSize === 'original' ? '' : ` at ${place.imageSize.join(' x ')} px`}`
        : `${(place.imageSize as Size).join(' x ')} px`
      const name = [method, where, ...(backbones.length > 1 ? [backbone.name] : [])].join(', ')
      found.push({ round, candidate: { name, backbone, detector, method, reading, ...place } })
    }
  }
  const whole = (size: Size) => ({ imageSize: size, tiles: null, pixels: size[0] * size[1] })
  if (imageSizes) {
    for (const [index, size] of imageSizes.entries()) {
      for (const setting of settings) add(setting[2] + index, setting, whole(size))
    }
  } else {
    const larger = LARGER_SIDES.map((side) => keepingShape(photograph, side)).filter(([h, w]) => h * w <= area)
    const [middle, large] = larger
    for (const setting of settings) {
      const [name, , round] = setting
      add(round, setting, whole(USUAL))
      if (name === PADIM) continue
      if (name !== PATCHCORE && name !== SUBSPACE) {
        if (round === 2 && large) add(3, setting, whole(large))
        continue
      }
      if (large) add(1, setting, whole(large))
      if (middle) add(3, setting, whole(middle))
      add(3, setting, whole(SMALL))
    }
    if (area > TILED_FROM) {
      const side = area < TILE_SIDES.largeFrom ? TILE_SIDES.small : TILE_SIDES.large
      const tiles: TilesSpec = { size: [Math.min(side, photograph[0]), Math.min(side, photograph[1])] }
      const place = { imageSize: 'original', tiles, pixels: area * OVERLAP ** 2 } as const
      for (const setting of settings) {
        const [name, , round] = setting
        if (name === PATCHCORE) {
          const bounded: LearningSpec = { method: 'patchcore', coresetSize: TILED_BANK }
          add(5, [`patchcore, ${TILED_BANK} patches`, bounded, round], place)
        }
        if (name === SUBSPACE) add(5, setting, place)
      }
    }
  }
  // Within a round by backbone and size, so that features are shared.
  const order = (candidate: Candidate): number => backbones.indexOf(candidate.backbone)
  return found
    .sort(
      (a, b) => a.round - b.round || a.candidate.pixels - b.candidate.pixels || order(a.candidate) - order(b.candidate),
    )
    .map(({ candidate }) => candidate)
}

/** A size of about `side` x `side` pixels in the shape of the photograph. */
function keepingShape([height, width]: Size, side: number): Size {
  const ratio = height / width
  if (Math.max(ratio, 1 / ratio) <= SQUARE_UP_TO) return [side, side]
  const rounded = (length: number): number => Math.max(ROUND, Math.round(length / ROUND) * ROUND)
  return [rounded(side * Math.sqrt(ratio)), rounded(side / Math.sqrt(ratio))]
}

/** What `tab fit` takes to fit a candidate. */
export function fitSpecOf(
  {
    backbone,
    detector,
    imageSize,
    tiles,
    reading,
  }: Pick<Candidate, 'backbone' | 'detector' | 'imageSize' | 'tiles' | 'reading'>,
  { data, layout, category, seed }: ChooseSpecWrittenOut,
  output: string,
): FitSpec {
  return {
    data,
    ...(layout === undefined ? {} : { layout }),
    ...(category === undefined ? {} : { category }),
    backbone: backbone.weights,
    detector,
    imageSize,
    ...(tiles ? { tiles } : {}),
    ...(reading === 'fast' ? { reading } : {}),
    ...(seed === undefined || seed === 0 ? {} : { seed }),
    output,
  }
}
