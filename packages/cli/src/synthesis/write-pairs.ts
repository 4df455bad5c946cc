import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import { writeImage, writeMask } from '@tab/data/node'
import { contactSheet, type Triple } from './contact-sheet.ts'
import { pairsOfFiles, type PairsPlan, type PairsTask } from './pairs-of-files.ts'

export interface SynthesisPlan extends PairsPlan {
  /** Folder of images, or a data set with `train/good`. */
  readonly input: string
}

const IMAGE = /\.(png|jpe?g|bmp|tiff?|webp)$/i
const SHEET = 24 // pairs on the contact sheet

/**
 * Writes images/NNNNNN.png, masks/NNNNNN.png, reports.jsonl (a line a pair) and contact-sheet.png into a folder.
 * @throws what reading the folder, making the pairs and writing them throw; an error of an image names its file
 */
export async function writePairs(
  plan: SynthesisPlan,
  folder: string,
  { signal, onProgress, onUnsuitable }: LongTaskOptions & PairsTask,
): Promise<void> {
  const files = await imageFiles(plan.input)
  const lines: string[] = []
  const shown: Triple[] = []
  for await (const { index, file, normal, anomaly } of pairsOfFiles(files, plan, { signal, onUnsuitable })) {
    const { image, mask, report } = anomaly
    const name = `${String(index).padStart(6, '0')}.png`
    await writeImage(join(folder, 'images', name), image)
    await writeMask(join(folder, 'masks', name), mask)
    lines.push(JSON.stringify({ index, source: file, seed: plan.seed, ...report }))
    if (index < SHEET) shown.push({ normal, anomalous: image, mask })
    throwIfAborted('tab synth', signal)
    onProgress?.({ phase: 'synthesise', done: index + 1, total: plan.count })
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
