import { placeInOriginal, renderHeatmap } from '@tab/data'
import { imageFromSource } from '@tab/data/browser'
import type { Tensor } from '@tab/core'
import type { Inspector } from '@tab/pipeline'
import type { BrowserImage } from '@tab/pipeline/browser'
import { contours } from 'd3-contour'
import type { Finding, FindingPicture, Place } from './engine-api.ts'

/**
 * Scores a picture and, where it is to be drawn, colours its map.
 * @throws what the browser says of a file that it cannot decode
 */
export async function look(
  inspector: Inspector<BrowserImage>,
  source: Blob | ImageBitmap,
  isDrawn: boolean,
): Promise<Finding> {
  const bitmap = source instanceof Blob ? await createImageBitmap(source) : source
  const original = [bitmap.height, bitmap.width] as const
  let pixels: Tensor
  try {
    pixels = imageFromSource(bitmap)
  } finally {
    bitmap.close()
  }
  const found = await inspector.inspect(pixels)
  const { score, pValue, regions, warnings, map, pixelThreshold } = found
  const picture = isDrawn && map ? drawn(map, pixelThreshold, placeOf(inspector, original)) : null
  const reason = found.verdict === 'not-judged' ? found.reason : null
  return { score, reason, pValue, regions, warnings, original, picture }
}

function drawn(map: Tensor, threshold: number | null, place: Place): FindingPicture {
  const [height, width] = map.shape as [number, number]
  const highest = map.data.reduce((most, value) => Math.max(most, value), 0)
  const scale = threshold === null ? { range: [0, highest || 1] as const } : { threshold }
  const { data } = renderHeatmap(map, { ...scale, transparent: true })
  return {
    heat: new ImageData(new Uint8ClampedArray(data), width, height),
    outline: threshold === null ? '' : outlineOf(map, threshold),
    place,
  }
}

/** The contour of a map at a threshold as an SVG path, in pixels of the map. */
function outlineOf({ shape, data }: Tensor, threshold: number): string {
  const [height, width] = shape as [number, number]
  const { coordinates } = contours()
    .size([width, height])
    .contour(data as unknown as number[], threshold)
  const text = (ring: number[][]): string => ring.map(([x, y]) => `${x?.toFixed(1)} ${y?.toFixed(1)}`).join('L')
  return coordinates
    .flat()
    .map((ring) => `M${text(ring)}Z`)
    .join('')
}

function placeOf({ preparation }: Inspector<BrowserImage>, original: readonly [number, number]): Place {
  const { scale, offset } = placeInOriginal(preparation, original)
  const [height, width] = preparation.crop ?? preparation.size
  return {
    left: offset[1] / original[1],
    top: offset[0] / original[0],
    width: (width * scale[1]) / original[1],
    height: (height * scale[0]) / original[0],
  }
}
