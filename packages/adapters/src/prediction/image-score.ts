import { checkNumber, TabError } from '@tab/core'

/** How the score of an image follows from those of its patches: the highest, or the mean of the highest share of them. */
export type ImageScore = 'max' | { readonly topShare: number }

/**
 * @param value `max`, or a share above 0, at most 1
 * @throws INVALID_ARGUMENT for anything else
 */
export function checkImageScore(where: string, value: unknown): ImageScore {
  if (value === 'max') return value
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
  if (keys.join() !== 'topShare') {
    const actual = JSON.stringify(value) ?? String(value)
    throw new TabError('INVALID_ARGUMENT', { where, expected: "imageScore 'max' or { topShare }", actual })
  }
  const { topShare } = value as { topShare: number }
  return { topShare: checkNumber(where, 'imageScore.topShare', topShare, { above: 0, maximum: 1 }) }
}

/**
 * The score of each image: its highest patch, or the mean of the highest share of its patches, rounded, at least one (AnomalyDINO, Damm
 * et al. 2025, takes the highest 1 %).
 * @param patches scores of all patches, image by image, as many of each; NaN makes the score of its image NaN
 * @param cells 1 for patches that count, of which the share is taken; undefined where all do. The scores of others are 0
 */
export function imageScores(
  patches: Float32Array,
  images: number,
  imageScore: ImageScore,
  cells?: Uint8Array,
): Float32Array {
  const positions = patches.length / images
  return Float32Array.from({ length: images }, (_, image) => {
    const [start, end] = [image * positions, (image + 1) * positions]
    const inside = cells ? cells.subarray(start, end).reduce((sum, one) => sum + one, 0) : positions
    const count = imageScore === 'max' ? 1 : Math.max(1, Math.round(imageScore.topShare * inside))
    const ascending = patches.slice(start, end).sort() // NaN last
    return ascending.subarray(positions - count).reduce((sum, score) => sum + score, 0) / count
  })
}
