import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { TabError, type LongTaskOptions, type Tensor, type TextEmbedder } from '@tab/core'
import { listCategories, openDataset, readImage, type LayoutName } from '@tab/data/node'
import { resizeImage } from '@tab/data'
import type { TrainingClass } from '@tab/model/training'
import { encodePrompts, industrialPrompts } from '@tab/prompts'
import { KNOWN_CLASSES } from '../prompts/vocabulary.ts'
import { datasetWarnings } from '../terminal/warning-lines.ts'

const LARGEST_CACHE = 2 ** 29 // bytes of decoded images kept in memory, of all classes together

/** A class of the training, and what the model card says of it. */
export interface ImageClass {
  readonly training: TrainingClass
  readonly card: {
    readonly name: string
    readonly images: number
    /** SHA-256 over the names and contents of the files, in their order. */
    readonly digest: string
    readonly normalPrompts: number
    readonly abnormalPrompts: number
  }
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

/** The good training images of a data set as a class of its name, resized to squares and kept in memory. */
export async function imageClass(
  { root, ...choice }: ClassSource,
  size: number,
  classes: number,
  embedder: TextEmbedder,
  { onNote, ...task }: LongTaskOptions & { readonly onNote: (note: string) => void },
): Promise<ImageClass> {
  const dataset = await openDataset(root, { ...choice, signal: task.signal })
  const { name, samples } = dataset
  for (const warning of datasetWarnings(dataset)) onNote(`${name}, ${warning}`)
  const good = samples.filter(({ split, label }) => split === 'train' && label === 0)
  if (good.length === 0) {
    throw new TabError('INVALID_DATA', { where: '--data', expected: `good training images in ${root}`, actual: 'none' })
  }
  const prompts = industrialPrompts(Object.hasOwn(KNOWN_CLASSES, name) ? name : name.replaceAll(/[-_]+/g, ' '), {
    vocabulary: KNOWN_CLASSES,
  })
  const { normal, abnormal } = await encodePrompts(prompts, embedder, task)
  const digest = createHash('sha256')
  for (const { id, path } of good) digest.update(id).update(await contentOf(path))
  const kept = new Map<number, Tensor>()
  const most = LARGEST_CACHE / classes / (size * size * 3 * 4)
  return {
    training: {
      name,
      prototypes: { normal: normal.vector, abnormal: abnormal.vector },
      images: {
        length: good.length,
        nameOf: (index) => good[index]?.path as string,
        async read(index) {
          const found = kept.get(index)
          if (found) return found
          const image = resizeImage(await readImage(good[index]?.path as string), [size, size])
          if (kept.size < most) kept.set(index, image)
          return image
        },
      },
    },
    card: {
      name,
      images: good.length,
      digest: digest.digest('hex'),
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
    throw new TabError(code, { where: '--data', message: `${path} ${reason}`, cause })
  })
}
