import type { DetectorSpec, FitSpec, TilesSpec } from '@tab/pipeline'

const MEGABYTE = 2 ** 20

/**
 * The line of `tab fit` that makes a spec, for a POSIX shell.
 * @param spec as a choice gives it: without the description of a foreign model, which lies in a file beside it
 */
export function fitLine(spec: FitSpec): string {
  return ['tab', 'fit', ...fitWords(spec).map(quoted)].join(' ')
}

function fitWords({ detector, tiles, imageSize, foreign: _, ...rest }: FitSpec): string[] {
  const { suspects, calibrate, output, ...plain } = rest
  return [
    ...Object.entries(plain).flatMap(([name, value]) => words(name, value)),
    ...words('imageSize', imageSize),
    ...tileWords(tiles),
    ...detectorWords(detector),
    ...(calibrate === false ? ['--no-calibrate'] : words('calibrate', calibrate)),
    ...(suspects === 'drop' ? ['--drop-suspects'] : suspects === 'skip' ? ['--no-suspects'] : []),
    ...words('output', output),
  ]
}

/** A flag and its value, none for what is not given; a size of one side is written so. */
function words(name: string, value: unknown): string[] {
  if (value === undefined || value === false) return []
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  if (value === true) return [flag]
  if (['imageSize', 'crop', 'tiles'].includes(name) && Array.isArray(value)) return [flag, value.join('x')]
  return [flag, String(value)]
}

function tileWords(tiles: TilesSpec | undefined): string[] {
  if (!tiles) return []
  const cut = 'grid' in tiles ? ['--tile-grid', tiles.grid.join('x')] : words('tiles', tiles.size)
  return [...cut, ...words('tileOverlap', tiles.overlap)]
}

function detectorWords(detector: DetectorSpec | undefined): string[] {
  if (!detector) return []
  const { method, ...settings } = detector
  return [
    '--detector',
    method,
    ...Object.entries(settings).flatMap(([name, value]) => {
      if (name === 'memoryLimit') return words(name, (value as number) / MEGABYTE)
      if (typeof value === 'object' && 'topShare' in value) return words(name, value.topShare)
      return words(name, value)
    }),
  ]
}

function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
