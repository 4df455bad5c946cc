import { loadDetector, numberedImages, patchCore, saveDetector } from '@tab/adapters'
import { TabError, type JsonValue, type LongTaskOptions, type Tensor } from '@tab/core'
import type { Symmetry } from '@tab/data'
import { withCopies } from '../fit/augmented-recipe.ts'
import type { Engine } from '../inspect/open-engine.ts'
import { imageAt } from '@tab/data'
import { notedRange, rangeNote, widened } from '../inspect/picture-range.ts'
import { pictureStatistics, type PictureStatistics } from '../inspect/picture-statistics.ts'
import { makeCertificate, parityNote } from '../parity/parity-certificate.ts'

/** Good images for a detector to know too. */
export interface ImagesToLearn {
  /** Batches [N,H,W,3], prepared as the file says. */
  readonly images: AsyncIterable<Tensor>
  /** What each is called, for {@link Region.nearest}. */
  readonly names: readonly string[]
}

/**
 * A detector file that knows more good images: their patches compete with those of its bank. Thresholds stay, without their guarantee, as they are of
 * the bank before.
 * @throws UNSUPPORTED for a file of another method than PatchCore as it is; what loading it and extending its bank throw
 */
export async function learnImages(
  where: string,
  file: Uint8Array,
  { extractor, backend }: Pick<Engine, 'extractor' | 'backend'>,
  { images, names }: ImagesToLearn,
  task: LongTaskOptions = {},
): Promise<Uint8Array> {
  const { detector, calibration, preparation, notes } = await loadDetector(file, { extractor, backend })
  const state = detector.state()
  detector.dispose()
  if (state.method !== 'patchcore' || !preparation) {
    const expected =
      'a detector of PatchCore, neither adapted nor in tiles nor on a part of the image, whose bank can grow'
    throw new TabError('UNSUPPORTED', { where, expected, actual: state.method })
  }
  const known = Array.isArray(notes['goodImages']) ? notes['goodImages'] : []
  const symmetries = (Array.isArray(notes['symmetries']) ? notes['symmetries'] : []) as readonly Symmetry[]
  const range = notedRange(where, notes)
  const measured: PictureStatistics[] = []
  let count = 0
  async function* numbered(): AsyncGenerator<Tensor> {
    for await (const batch of images) {
      const numbers = Array.from({ length: batch.shape[0] as number }, () => known.length + count++)
      measured.push(...numbers.map((_, index) => pictureStatistics(imageAt(batch, index))))
      yield numberedImages(batch, numbers)
    }
  }
  const recipe = patchCore({ extractor, backend, layers: state.options['layers'] as readonly string[] })
  const learned = await recipe.extend(state, withCopies(numbered(), symmetries, task.signal), task)
  try {
    const before = notes['images'] as { readonly fitted?: number } | undefined
    const changed: Record<string, JsonValue> = {
      goodImages: [...known, ...names],
      images: { ...(before ?? {}), fitted: (before?.fitted ?? 0) + count },
      learned: (typeof notes['learned'] === 'number' ? notes['learned'] : 0) + count,
      ...(range ? rangeNote(widened(range, measured)) : {}),
      ...parityNote(await makeCertificate(learned, preparation, task)),
    }
    return await saveDetector(learned, {
      preparation,
      calibration: calibration && { ...calibration, guaranteedRate: null },
      notes: { ...notes, ...changed },
    })
  } finally {
    learned.dispose()
  }
}
