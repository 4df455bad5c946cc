import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deriveRng, TabError, throwIfAborted, type LongTaskOptions, type Tensor } from '@tab/core'
import { resizeImage, type Size } from '@tab/data'
import { readImage, writeImage, writeMask } from '@tab/data/node'
import { synthesizerOf, type ExplainedAnomaly } from '@tab/synth'
import { synthesisStream } from '@tab/synth/node'
import { contactSheet, type Triple } from './contact-sheet.ts'
import { specOf } from './kinds.ts'

export interface SynthesisPlan {
  /** Folder of images, or a data set with `train/good`. */
  readonly input: string
  readonly kind: string
  readonly count: number
  readonly seed: number
  /** Images are resized to it; undefined keeps theirs. */
  readonly size: Size | undefined
  /** 1 works in this thread. */
  readonly workers: number
}

const IMAGE = /\.(png|jpe?g|bmp|tiff?|webp)$/i
const SHEET = 24 // pairs on the contact sheet
const SOURCES = 8 // images that Poisson patches are taken from

/** Writes images/NNNNNN.png, masks/NNNNNN.png, reports.jsonl (a line a pair) and contact-sheet.png into a folder. */
export async function writePairs(
  plan: SynthesisPlan,
  folder: string,
  { signal, onProgress }: LongTaskOptions,
): Promise<void> {
  const files = await imageFiles(plan.input)
  const read = async (file: string): Promise<Tensor> => {
    const image = await readImage(file)
    return plan.size ? resizeImage(image, plan.size) : image
  }
  const spec = specOf(plan.kind, await Promise.all(files.slice(0, SOURCES).map(read)))
  const lines: string[] = []
  const shown: Triple[] = []
  const normals = new Map<number, Tensor>()
  async function* images(): AsyncGenerator<Tensor> {
    for (let index = 0; index < plan.count; index++) {
      throwIfAborted('tab synth', signal)
      const image = await read(files[index % files.length] as string)
      if (index < SHEET) normals.set(index, image)
      yield image
    }
  }
  async function keep(index: number, { image, mask, report }: ExplainedAnomaly): Promise<void> {
    const name = `${String(index).padStart(6, '0')}.png`
    await writeImage(join(folder, 'images', name), image)
    await writeMask(join(folder, 'masks', name), mask)
    lines.push(JSON.stringify({ index, source: files[index % files.length], seed: plan.seed, ...report }))
    const normal = normals.get(index)
    if (normal) shown.push({ normal, anomalous: image, mask })
    onProgress?.({ phase: 'synthesise', done: index + 1, total: plan.count })
  }
  if (plan.workers === 1) {
    const synthesizer = synthesizerOf(spec)
    let index = 0
    for await (const image of images()) {
      await keep(index, synthesizer.synthesize(image, deriveRng(plan.seed, index)))
      index++
    }
  } else {
    const options = { spec, seed: plan.seed, workers: plan.workers, signal }
    for await (const pair of synthesisStream(images(), options)) await keep(pair.index, pair)
  }
  await writeFile(join(folder, 'reports.jsonl'), `${lines.join('\n')}\n`)
  await writeImage(join(folder, 'contact-sheet.png'), contactSheet(shown))
}

/** @throws NOT_FOUND without the folder, INVALID_DATA without images */
async function imageFiles(input: string): Promise<string[]> {
  const folder = (await isFolder(join(input, 'train', 'good'))) ? join(input, 'train', 'good') : input
  if (!(await isFolder(folder))) {
    throw new TabError('NOT_FOUND', { where: '--input', expected: 'a folder', actual: `${input}, which is none` })
  }
  const files = (await readdir(folder)).filter((name) => IMAGE.test(name)).sort()
  if (files.length > 0) return files.map((name) => join(folder, name))
  throw new TabError('INVALID_DATA', { where: '--input', expected: `${folder} must hold images`, actual: 'none' })
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  )
}
