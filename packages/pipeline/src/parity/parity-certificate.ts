import type { Preparation } from '@tab/adapters'
import { isTabError, TabError, type Detector, type JsonValue, type LongTaskOptions } from '@tab/core'
import { stackImages } from '@tab/data'
import { scoreImages } from '../inspect/score-images.ts'
import { meansOfBlocks } from './block-means.ts'
import { parityPictures, PICTURES_VERSION } from './parity-pictures.ts'

/** What a detector said of a picture that everybody can draw. */
export interface ParityImage {
  readonly score: number
  /** Means of the map over 4 x 4 blocks, row by row. */
  readonly map: readonly number[]
}

/** What a detector file knows of the scores at its fit, to be compared with those of another machine or engine. */
export interface ParityCertificate {
  /** Version of the pictures. */
  readonly pictures: number
  /** Largest difference, as a share of the highest of these scores, or of these map values. */
  readonly tolerance: number
  readonly images: readonly ParityImage[]
}

/** Measured between engines in float32: 1e-7. A change that could move a verdict away from the edge is above it. */
const TOLERANCE = 0.002

/** @throws NUMERICAL, INVALID_ARGUMENT for a detector that cannot score them; ABORTED */
export async function parityImages(
  detector: Pick<Detector, 'predict'>,
  preparation: Preparation,
  { signal }: Pick<LongTaskOptions, 'signal'> = {},
): Promise<ParityImage[]> {
  const images: ParityImage[] = []
  for (const picture of parityPictures(preparation)) {
    // One by one: where images are looked at in tiles, each is large.
    const name = `parity picture ${images.length + 1}`
    const [scored] = await scoreImages(detector, stackImages([picture]), [name], signal)
    if (!scored || isTabError(scored)) throw scored
    images.push({ score: scored.score, map: meansOfBlocks(scored.map) })
  }
  return images
}

/** The certificate of a detector that was fitted just now. @throws as {@link parityImages} */
export async function makeCertificate(...args: Parameters<typeof parityImages>): Promise<ParityCertificate> {
  return { pictures: PICTURES_VERSION, tolerance: TOLERANCE, images: await parityImages(...args) }
}

/** The note in a detector file, which holds JSON. */
export function parityNote(certificate: ParityCertificate): { readonly parity: JsonValue } {
  return { parity: { ...certificate, images: certificate.images.map(({ score, map }) => ({ score, map: [...map] })) } }
}

/**
 * The certificate that a detector file notes; undefined for a file of an earlier version.
 * @throws INVALID_DATA for one that is damaged, INCOMPATIBLE for one with pictures of a later version
 */
export function notedParity(
  where: string,
  { parity }: Readonly<Record<string, JsonValue>>,
): ParityCertificate | undefined {
  if (parity === undefined) return undefined
  if (!isCertificate(parity)) {
    const expected = 'a parity certificate: pictures, tolerance, and score and map of each'
    throw new TabError('INVALID_DATA', { where, expected, actual: JSON.stringify(parity).slice(0, 200) })
  }
  if (parity.pictures === PICTURES_VERSION) return parity
  const expected = `parity pictures of version ${PICTURES_VERSION}`
  throw new TabError('INCOMPATIBLE', { where, expected, actual: String(parity.pictures) })
}

function isCertificate(value: unknown): value is ParityCertificate {
  const { pictures, tolerance, images } = (value ?? {}) as Partial<ParityCertificate>
  return (
    Number.isSafeInteger(pictures) &&
    isFiniteNumber(tolerance) &&
    tolerance > 0 &&
    tolerance < 1 &&
    Array.isArray(images) &&
    images.length > 0 &&
    (images as readonly (Partial<ParityImage> | null)[]).every(
      (image) =>
        isFiniteNumber(image?.score) &&
        Array.isArray(image.map) &&
        image.map.length > 0 &&
        image.map.every(isFiniteNumber),
    )
  )
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
