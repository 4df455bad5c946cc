import { TabError } from '@tab/core'
import { conformalRank } from './conformal-rank.ts'

const ROUNDING = 1e-9 // as for the rank of an image

/**
 * The lowest map value above which at most a share `rate` of a new good image's pixels is expected: conformal risk control
 * (Angelopoulos et al., ICLR 2024) with the share of pixels above the value as the loss, which is between 0 and 1. Only images must be
 * exchangeable; the pixels of an image may depend on each other.
 * @param maps of n good images that were not used in the fit, all of the same size, with finite values
 * @param rate 1 / (n + 1) or more
 * @throws INVALID_ARGUMENT for fewer images than the rate takes, or maps of different sizes
 */
export function pixelThreshold(where: string, maps: readonly Float32Array[], rate: number): number {
  conformalRank(where, maps.length, rate, 'pixelFalsePositiveRate')
  const area = (maps[0] as Float32Array).length
  const odd = maps.findIndex(({ length }) => length !== area)
  if (odd >= 0) {
    const [expected, actual] = [
      `anomaly maps of the same size, ${area} values`,
      `${maps[odd]?.length} for image ${odd}`,
    ]
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual })
  }
  const values = new Float32Array(maps.length * area)
  maps.forEach((map, index) => values.set(map, index * area))
  values.sort()
  // The mean loss over n images may be (rate (n + 1) - 1) / n; with maps of one size it is a share of all pixels.
  const above = Math.max(0, Math.floor((rate * (maps.length + 1) - 1) * area + ROUNDING))
  return values[values.length - 1 - above] as number
}
