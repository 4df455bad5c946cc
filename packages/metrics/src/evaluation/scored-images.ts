import { TabError, type Tensor } from '@tab/core'
import { assertMapsAndMasks, binaryLabels, finiteScores, type FloatArray, type Labels, type Scores } from '../inputs.ts'

/** A scored test set: every field has one entry per image. */
export interface ScoredImages {
  /** Higher is more anomalous. */
  readonly scores: Scores
  /** 0 normal, 1 anomalous. */
  readonly labels: Labels
  /** Name of each image's defect; entries of normal images are ignored. Without it there are no rows by type. */
  readonly defectTypes?: readonly (string | null)[]
  /** [N,H,W] */
  readonly maps?: Tensor
  /** [N,H,W], 1 on defects, at the resolution of the maps. */
  readonly masks?: Tensor<'uint8'>
  /**
   * Whether the mask of each image is known. An anomalous image whose mask is not known is left out of all pixel metrics, because its
   * defect would count as normal pixels. Default: all are known.
   */
  readonly hasMask?: ArrayLike<boolean>
}

/** Checked maps and masks. */
export interface Pixels {
  readonly maps: Tensor
  readonly masks: Tensor<'uint8'>
  hasMask(image: number): boolean
}

/** A checked {@link ScoredImages}. */
export interface CheckedImages {
  readonly scores: FloatArray
  readonly labels: Uint8Array
  readonly defectTypes: readonly (string | null)[] | undefined
  readonly pixels: Pixels | undefined
}

/** @throws INVALID_ARGUMENT, NUMERICAL as documented at `evaluateDetection` */
export function checkScoredImages(where: string, images: ScoredImages): CheckedImages {
  const { defectTypes, maps, masks, hasMask } = images
  const labels = binaryLabels(where, images.labels, images.scores)
  const scores = finiteScores(where, images.scores)
  const refuse = (expected: string, actual: string): never => {
    throw new TabError('INVALID_ARGUMENT', { where, expected, actual })
  }
  const onePerImage = (name: string, length: number): void => {
    if (length !== scores.length)
      refuse(`${name} must hold one entry for each of ${scores.length} scores`, String(length))
  }
  if (defectTypes) {
    onePerImage('defectTypes', defectTypes.length)
    const isName = (type: unknown): boolean => typeof type === 'string' && type !== ''
    const nameless = defectTypes.findIndex((type, image) => labels[image] === 1 && !isName(type))
    if (nameless !== -1)
      refuse('defectTypes must name the defect of every anomalous image', `none for image ${nameless}`)
  }
  if (hasMask) {
    onePerImage('hasMask', hasMask.length)
    const unknown = Array.from(hasMask).findIndex((known: unknown) => typeof known !== 'boolean')
    if (unknown !== -1)
      refuse('hasMask must hold true or false for every image', `${hasMask[unknown]} for image ${unknown}`)
  }
  if (!maps && !masks) return { scores, labels, defectTypes, pixels: undefined }
  if (!maps || !masks) return refuse('maps and masks must come together', `${maps ? 'maps' : 'masks'} alone`)
  assertMapsAndMasks(where, maps, masks)
  onePerImage('maps', maps.shape[0] as number)
  const area = (maps.shape[1] as number) * (maps.shape[2] as number)
  labels.forEach((label, image) => {
    if (label === 0 && masks.data.subarray(image * area, (image + 1) * area).includes(1)) {
      refuse('the mask of a normal image must be empty', `a defect in that of image ${image}`)
    }
  })
  return { scores, labels, defectTypes, pixels: { maps, masks, hasMask: (image) => hasMask?.[image] ?? true } }
}
