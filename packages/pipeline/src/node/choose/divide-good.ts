import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRng, sampleIndices, TabError, throwIfAborted } from '@tab/core'
import { goodImagesOf, type Dataset, type Sample } from '@tab/data'

/** Photographs of a data set, each in one part alone. */
export interface DividedImages {
  /** Good ones to fit on. */
  readonly fitted: readonly Sample[]
  /** Good ones that no fit sees: those of the test and validation splits, and as many more as it takes. */
  readonly good: readonly Sample[]
  /** Defective ones. */
  readonly defects: readonly Sample[]
  /** Ids of those left out, as their bytes are those of another. */
  readonly repeated: readonly string[]
}

const JUDGED_SHARE = 1 / 3 // of the good training images, where there are no others to judge on
const MOST_JUDGED = 30
const LEAST = 2 // to fit on, and to judge on
/** Good images that a choice takes at least. */
const CHOICE_NEEDS = 2 * LEAST

/**
 * Divides the photographs into those to fit on and those to judge on. Two with the same bytes count as one, so that nothing is judged on what
 * it was fitted on.
 * @throws INVALID_DATA with too few good images, saying how many it takes
 */
export async function divideGood(
  dataset: Dataset,
  where: string,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<DividedImages> {
  const digests = new Set<string>()
  const repeated: string[] = []
  const distinct: Sample[] = []
  // Images to judge on come first: of two that are the same, the one in the test split stays.
  const judgedFirst = [...dataset.samples].sort((a, b) => Number(a.split === 'train') - Number(b.split === 'train'))
  for (const sample of judgedFirst) {
    throwIfAborted('choose', signal)
    const digest = createHash('sha256')
      .update(await readFile(sample.path))
      .digest('hex')
    if (digests.has(digest)) repeated.push(sample.id)
    else distinct.push(sample)
    digests.add(digest)
  }
  const train = goodImagesOf({ samples: distinct })
  const unseen = distinct.filter(({ split, label }) => split !== 'train' && label === 0)
  const total = train.length + unseen.length
  const wanted = Math.min(MOST_JUDGED, Math.max(LEAST, Math.round(JUDGED_SHARE * train.length)))
  const heldOut = Math.max(0, wanted - unseen.length)
  if (train.length - heldOut < LEAST) {
    throw new TabError('INVALID_DATA', {
      where,
      expected: `at least ${CHOICE_NEEDS} different good images, ${LEAST} or more of them for training, to fit on some and judge on others`,
      actual: `${total} in ${dataset.root}, ${train.length} of them for training`,
    })
  }
  const drawn = new Set(sampleIndices(createRng(seed), train.length, heldOut))
  return {
    fitted: train.filter((_, index) => !drawn.has(index)),
    good: [...train.filter((_, index) => drawn.has(index)), ...unseen],
    defects: distinct.filter(({ split, label }) => split === 'test' && label === 1),
    repeated,
  }
}
