import { InvalidArgumentError, Option, type Command } from 'commander'
import type { FitSpec } from '@tab/pipeline'
import { imageSize, wholeNumber } from './options.ts'

/** Of the flag of {@link pixels}. */
export const SMALLEST_DEFECT_HELP =
  'width of the smallest defect that must be found, in pixels of the photograph: warns where it is not seen'

type PictureField = 'imageSize' | 'reading' | 'region' | 'ignore' | 'foreground' | 'tiles'

/** What {@link addPictureOptions} adds. */
export interface PictureFlags {
  readonly imageSize?: [number, number] | 'original'
  readonly tiles?: [number, number]
  readonly tileGrid?: [number, number]
  readonly tileOverlap?: number
  readonly reading?: 'exact' | 'fast'
  readonly region?: string
  readonly ignore?: string
  readonly foreground?: true
}

/** The size of images, how they are cut into tiles, and where to look. */
export function addPictureOptions(command: Command): Command {
  return command
    .option(
      '--image-size <size>',
      'pixels, SIDE or HEIGHTxWIDTH, or original: that of the first good image (default: 224, with tiles original)',
      (text) => (text === 'original' ? text : imageSize(text)),
    )
    .addOption(
      new Option(
        '--tiles <size>',
        'look at tiles of the images, SIDE or HEIGHTxWIDTH, for small defects in large images',
      )
        .argParser(imageSize)
        .conflicts('tileGrid'),
    )
    .option('--tile-grid <RxC>', 'look at so many rows and columns of tiles', grid)
    .option(
      '--tile-overlap <px>',
      'pixels that neighbouring tiles share (default: an eighth of a tile)',
      wholeNumber(0),
    )
    .addOption(
      new Option(
        '--reading <how>',
        'how images are resized: exact (default), or fast, by libvips as they are decoded',
      ).choices(['exact', 'fast']),
    )
    .option(
      '--region <file>',
      'look only at this part: polygons as JSON, [[x, y], ...], or an image that marks it, on the first good image',
    )
    .option('--ignore <file>', 'do not look at this part, likewise')
    .option('--foreground', 'look at the part alone, on a ground of one colour, wherever it lies')
}

/** What the flags say of pictures; an overlap alone is wrong usage. */
export function pictureSpecOf(command: Command, flags: PictureFlags): Pick<FitSpec, PictureField> {
  const { imageSize, reading, region, ignore, foreground, tiles, tileGrid, tileOverlap: overlap } = flags
  if (overlap !== undefined && !tiles && !tileGrid) command.error('error: --tile-overlap needs --tiles or --tile-grid')
  const cut = tiles ? { size: tiles, overlap } : tileGrid ? { grid: tileGrid, overlap } : undefined
  return { imageSize, reading, region, ignore, foreground, tiles: cut }
}

/** A parser of a number of pixels above 0: `10` or `10px`. */
export function pixels(text: string): number {
  const value = Number(/^(.*?)(?:px)?$/.exec(text.trim())?.[1] || NaN)
  if (value > 0 && Number.isFinite(value)) return value
  throw new InvalidArgumentError(`expected a number of pixels above 0, got "${text}"`)
}

function grid(text: string): [number, number] {
  const [, rows, columns] = /^(\d+)x(\d+)$/.exec(text) ?? []
  const sides: [number, number] = [Number(rows), Number(columns)]
  if (sides.every((side) => side >= 1 && side <= 256)) return sides
  throw new InvalidArgumentError(`expected ROWSxCOLUMNS from 1 to 256, got "${text}"`)
}
