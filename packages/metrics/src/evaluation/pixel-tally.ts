import type { Tensor } from '@tab/core'
import { connectedComponents } from '../localization/connected-components.ts'
import { createScoreHistogram, scoreBin, type ScoreHistogram } from '../streaming/score-histogram.ts'

/** Pixels of the images of one defect type, counted by the bins of their scores. */
export interface PixelTally {
  /** Pixels of images without a defective pixel. */
  readonly clean: ScoreHistogram
  /** Normal pixels of the other images. */
  readonly around: ScoreHistogram
  readonly defective: ScoreHistogram
  /** Each defective pixel as its share of its region, an 8-connected component of the mask. */
  readonly ofRegion: ScoreHistogram
  /** Each defective pixel as its share of all defective pixels of its image. */
  readonly ofImage: ScoreHistogram
  regions: number
  /** Images with a defective pixel. */
  defectiveImages: number
}

export function createPixelTally(): PixelTally {
  const [clean, around, defective] = [createScoreHistogram(), createScoreHistogram(), createScoreHistogram()]
  const [ofRegion, ofImage] = [createScoreHistogram(), createScoreHistogram()]
  return { clean, around, defective, ofRegion, ofImage, regions: 0, defectiveImages: 0 }
}

/** Counts the pixels of one image, whose map and mask have been checked. */
export function tallyImage(tally: PixelTally, maps: Tensor, masks: Tensor<'uint8'>, image: number): void {
  const [height, width] = maps.shape.slice(1) as [number, number]
  const area = height * width
  const mask = masks.data.subarray(image * area, (image + 1) * area)
  const { buffer, byteOffset } = maps.data
  const bits = new Uint32Array(buffer as ArrayBuffer, byteOffset + 4 * image * area, area)
  if (!mask.includes(1)) {
    for (let i = 0; i < area; i++) tally.clean.add(scoreBin(bits[i] as number), 1)
    return
  }
  const { labels, sizes } = connectedComponents(mask, height, width)
  const pixels = sizes.reduce((sum, size) => sum + size, 0)
  for (let i = 0; i < area; i++) {
    const [label, bin] = [labels[i] as number, scoreBin(bits[i] as number)]
    if (label === 0) {
      tally.around.add(bin, 1)
      continue
    }
    tally.defective.add(bin, 1)
    tally.ofRegion.add(bin, 1 / (sizes[label - 1] as number))
    tally.ofImage.add(bin, 1 / pixels)
  }
  tally.regions += sizes.length
  tally.defectiveImages++
}
