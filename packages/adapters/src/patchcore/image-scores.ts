import { tensor, type Neighbors, type SearchIndex, type Tensor } from '@tab/core'
import type { PatchCoreSettings } from './settings.ts'

/** Score of each patch: its mean distance to the nearest patches of the bank; for reference features, the mean squared distance. */
export function patchScores({ distances }: Neighbors, { features }: PatchCoreSettings): Float32Array {
  const [count, neighbors] = distances.shape as [number, number]
  const { data } = distances
  const scores = new Float32Array(count)
  for (let patch = 0; patch < count; patch++) {
    let sum = 0
    for (let i = patch * neighbors; i < (patch + 1) * neighbors; i++) {
      const distance = data[i] as number
      sum += features === 'reference' ? distance * distance : distance
    }
    scores[patch] = sum / neighbors
  }
  return scores
}

/** The row with the highest score in each image, the first among equals. */
export function highestPatches(scores: Float32Array, images: number): Int32Array {
  const positions = scores.length / images
  return Int32Array.from({ length: images }, (_, image) => {
    let best = image * positions
    for (let patch = best; patch < (image + 1) * positions; patch++) {
      if ((scores[patch] as number) > (scores[best] as number)) best = patch
    }
    return best
  })
}

/**
 * Weights of the image scores (equation 7 of the paper; anomalib's `compute_anomaly_score`). Let m* be the bank patch nearest to the
 * highest-scoring patch. The weight is 1 minus the softmax at m* of the Euclidean distances from the highest-scoring patch to the b
 * bank neighbours of m*, of which m* is the first.
 * @param winners rows of `vectors`: the highest-scoring patch of each image
 * @param nearest the row of the bank nearest to a patch
 */
export async function imageWeights(
  vectors: Tensor,
  winners: Int32Array,
  nearest: (patch: number) => number,
  index: SearchIndex,
  bank: Tensor,
  reweighting: number,
): Promise<Float64Array> {
  const [size, dimension] = bank.shape as [number, number]
  const weights = new Float64Array(winners.length).fill(1)
  const support = Math.min(reweighting, size)
  if (support === 1) return weights // no neighbours to compare with
  const closest = new Float32Array(winners.length * dimension)
  winners.forEach((patch, image) => {
    const row = nearest(patch)
    closest.set(bank.data.subarray(row * dimension, (row + 1) * dimension), image * dimension)
  })
  const { indices } = await index.search(tensor([winners.length, dimension], closest), support)
  return weights.map((_, image) => {
    const rows = indices.data.subarray(image * support, (image + 1) * support)
    const distances = Array.from(rows, (row) => distance(vectors, winners[image] as number, bank, row))
    const most = Math.max(...distances)
    const shares = distances.map((value) => Math.exp(value - most))
    return 1 - (shares[0] as number) / shares.reduce((sum, share) => sum + share, 0)
  })
}

function distance(left: Tensor, leftRow: number, right: Tensor, rightRow: number): number {
  const dimension = left.shape[1] as number
  let sum = 0
  for (let d = 0; d < dimension; d++) {
    const difference = (left.data[leftRow * dimension + d] as number) - (right.data[rightRow * dimension + d] as number)
    sum += difference * difference
  }
  return Math.sqrt(sum)
}
