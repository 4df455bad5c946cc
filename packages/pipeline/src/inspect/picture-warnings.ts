import type { Preparation } from '@tab/data'

/** Pixels that are left of a defect below which nothing is seen of it: measured, 10 px in 4000 x 3000 are missed at 224 px and found at 1024. */
const VISIBLE = 2
const ASPECT_TOLERANCE = 0.05

/** What must be known to say whether a picture is reduced too far. */
export interface PictureSize {
  /** `[height, width]` as it is passed in. */
  readonly original: readonly [number, number]
  readonly preparation: Preparation
  /** Pixels of the picture that the smallest defect is wide that must be found. Default: unknown. */
  readonly smallestDefect?: number | undefined
}

/** What is wrong with the way in which a picture is brought to the size that the network sees; nothing in most cases. */
export function pictureWarnings({ original, preparation, smallestDefect }: PictureSize): string[] {
  const { size } = preparation
  const [down, across] = [size[0] / original[0], size[1] / original[1]]
  const warnings: string[] = []
  const left = (smallestDefect ?? Infinity) * Math.min(down, across)
  if (left < VISIBLE) {
    const wanted = Math.ceil((VISIBLE * Math.max(...original)) / (smallestDefect as number))
    warnings.push(
      `a defect of ${smallestDefect} px in ${text(original)} px is ${Number(left.toPrecision(2))} px in ${text(size)} px, and is not seen: ` +
        `it takes images of about ${wanted} px on their longer side, or tiles`,
    )
  }
  const stretch = Math.max(down / across, across / down)
  if (stretch > 1 + ASPECT_TOLERANCE) {
    warnings.push(
      `pictures of ${text(original)} px are squeezed to ${text(size)} px: their aspect ratio changes by ${Math.round(100 * (stretch - 1))} %`,
    )
  }
  return warnings
}

function text(size: readonly [number, number]): string {
  return size.join(' x ')
}
