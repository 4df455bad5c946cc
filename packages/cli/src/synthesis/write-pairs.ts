import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deriveRng, TabError, throwIfAborted, type LongTaskOptions, type Tensor } from '@tab/core'
import { resizeImage, type Size } from '@tab/data'
import { openDataset, readImage, writeImage, writeMask } from '@tab/data/node'
import { synthesizerOf, type ExplainedAnomaly } from '@tab/synth'
import { synthesisStream } from '@tab/synth/node'
import { contactSheet, type Triple } from './contact-sheet.ts'
import { specOf } from './kinds.ts'

export interface SynthesisPlan {
  /** Data set, or folder of images of good parts. */
  readonly input: string
  readonly kind: string
  readonly count: number
  readonly seed: number
  /** Images are resized to it; undefined keeps theirs. */
  readonly size: Size | undefined
  /** 1 works in this thread. */
  readonly workers: number
}

const SHEET = 24 // pairs on the contact sheet
const SOURCES = 8 // images that Poisson patches are taken from

/** Writes images/NNNNNN.png, masks/NNNNNN.png, reports.jsonl (a line a pair) and contact-sheet.png into a folder. */
export async function writePairs(
  plan: SynthesisPlan,
  folder: string,
  { signal, onProgress }: LongTaskOptions,
): Promise<void> {
  const files = await imageFiles(plan.input, signal)
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

/**
 * The good training images of a data set.
 * @throws what opening it throws; INVALID_DATA without such images
 */
async function imageFiles(input: string, signal: AbortSignal | undefined): Promise<string[]> {
  const { samples } = await openDataset(input, { signal })
  const files = samples.filter(({ split, label }) => split === 'train' && label === 0).map(({ path }) => path)
  if (files.length > 0) return files
  throw new TabError('INVALID_DATA', { where: '--input', expected: `good training images in ${input}`, actual: 'none' })
}
