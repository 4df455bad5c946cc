import { InvalidArgumentError, Option, type Command } from 'commander'
import type { TilesSpec } from '@tab/pipeline'
import { imageSize, wholeNumber } from './options.ts'

/** What {@link addTileOptions} adds. */
export interface TileFlags {
  readonly imageSize?: [number, number] | 'original'
  readonly tiles?: [number, number]
  readonly tileGrid?: [number, number]
  readonly tileOverlap?: number
  readonly reading?: 'exact' | 'fast'
}

/** The size of images, and how they are cut into tiles. */
export function addTileOptions(command: Command): Command {
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
}

/** The tiles that the flags ask for; an overlap alone is wrong usage. */
export function tilesOf(command: Command, { tiles, tileGrid, tileOverlap: overlap }: TileFlags): TilesSpec | undefined {
  if (tiles) return { size: tiles, overlap }
  if (tileGrid) return { grid: tileGrid, overlap }
  if (overlap !== undefined) command.error('error: --tile-overlap needs --tiles or --tile-grid')
  return undefined
}

function grid(text: string): [number, number] {
  const [, rows, columns] = /^(\d+)x(\d+)$/.exec(text) ?? []
  const sides: [number, number] = [Number(rows), Number(columns)]
  if (sides.every((side) => side >= 1 && side <= 256)) return sides
  throw new InvalidArgumentError(`expected ROWSxCOLUMNS from 1 to 256, got "${text}"`)
}
