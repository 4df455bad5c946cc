import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { TabError, type LongTaskOptions, type Tensor, type TextEmbedder } from '@tab/core'
import { prepareImage, type LayoutName, type Preparation } from '@tab/data'
import { listCategories, readImage } from '@tab/data/node'
import type { TrainingClass } from '@tab/model/training'
import { encodePrompts } from '@tab/prompts'
import type { ClassCard } from '../../results/model-card.ts'
import { openNoted } from '../open-noted.ts'
import { requireGoodImages } from '../require-good-images.ts'
import { promptsOfClass } from '../prompts/vocabulary.ts'
import type { PretrainPreset } from '../../spec/pretrain-presets.ts'

const LARGEST_CACHE = 2 ** 29 // bytes of decoded images kept in memory, of all classes together

/** A class of the training, and what the model card says of it. */
export interface ImageClass {
  readonly training: TrainingClass
  readonly card: ClassCard
}

/** Where the images of a class are. */
export interface ClassSource {
  readonly root: string
  readonly layout: LayoutName | undefined
  readonly category: string | undefined
}

/**
 * One class for each data set, and for each category of those that have some.
 * @param categories only these
 * @throws what reading a data set throws
 */
export async function classSources(
  roots: readonly string[],
  layout: LayoutName | undefined,
  categories: readonly string[] | undefined,
): Promise<ClassSource[]> {
  const sources: ClassSource[] = []
  for (const root of roots) {
    const wanted = categories ?? (await listCategories(root, { layout }))
    for (const category of wanted.length > 0 ? wanted : [undefined]) sources.push({ root, layout, category })
  }
  return sources
}

/** What a class is made by, besides its images. */
export interface ClassRecipe extends Pick<PretrainPreset, 'prompts' | 'average'> {
  readonly preparation: Preparation
  readonly embedder: TextEmbedder
}

/** The good training images of a data set as a class of its name, prepared and kept in memory. */
export async function imageClass(
  { root, ...choice }: ClassSource,
  classes: number,
  { preparation, prompts: preset, average, embedder }: ClassRecipe,
  { onNote, ...task }: LongTaskOptions & { readonly onNote: (note: string) => void },
): Promise<ImageClass> {
  const { name, samples } = await openNoted(root, { ...choice, signal: task.signal }, (note, called) =>
    onNote(`${called}, ${note}`),
  )
  const good = requireGoodImages({ samples }, 'spec.data', root)
  const prompts = promptsOfClass(name, { preset })
  const { normal, abnormal } = await encodePrompts(prompts, embedder, { ...task, average })
  const hash = createHash('sha256')
  for (const { id, path } of good) hash.update(id).update(await contentOf(path))
  const digest = hash.digest('hex')
  const kept = new Map<number, Tensor>()
  const [height, width] = preparation.crop ?? preparation.size
  const most = LARGEST_CACHE / classes / (height * width * 3 * 4)
  return {
    training: {
      name,
      prototypes: { normal: normal.vector, abnormal: abnormal.vector },
      images: {
        length: good.length,
        digest: `${digest} ${JSON.stringify(preparation)}`,
        nameOf: (index) => good[index]?.path as string,
        async read(index) {
          const found = kept.get(index)
          if (found) return found
          const image = prepareImage(await readImage(good[index]?.path as string), preparation)
          if (kept.size < most) kept.set(index, image)
          return image
        },
      },
    },
    card: {
      name,
      images: good.length,
      digest,
      normalPrompts: prompts.normal.length,
      abnormalPrompts: prompts.abnormal.length,
    },
  }
}

async function contentOf(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const [code, reason] =
      cause.code === 'ENOENT'
        ? (['NOT_FOUND', 'does not exist'] as const)
        : (['INVALID_DATA', `cannot be read: ${cause.message}`] as const)
    throw new TabError(code, { where: 'spec.data', message: `${path} ${reason}`, cause })
  })
}
