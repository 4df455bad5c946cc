import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import { openDataset, writeImage, writeMask } from '@tab/data/node'
import { datasetWarnings } from '../terminal/warning-lines.ts'
import { contactSheet, type Triple } from './contact-sheet.ts'
import { pairsOfFiles, type PairsPlan, type PairsTask } from './pairs-of-files.ts'

export interface SynthesisPlan extends PairsPlan {
  /** Data set, or folder of images of good parts. */
  readonly input: string
}

const SHEET = 24 // pairs on the contact sheet

/**
 * Writes images/NNNNNN.png, masks/NNNNNN.png, reports.jsonl (a line a pair) and contact-sheet.png into a folder.
 * @throws what reading the folder, making the pairs and writing them throw; an error of an image names its file
 */
export async function writePairs(
  plan: SynthesisPlan,
  folder: string,
  {
    signal,
    onProgress,
    onUnsuitable,
    onNote,
  }: LongTaskOptions & PairsTask & { readonly onNote: (note: string) => void },
): Promise<void> {
  const files = await imageFiles(plan.input, onNote, signal)
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

/**
 * The good training images of a data set.
 * @throws what opening it throws; INVALID_DATA without such images
 */
async function imageFiles(
  input: string,
  onNote: (note: string) => void,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const dataset = await openDataset(input, { signal })
  const { samples } = dataset
  for (const warning of datasetWarnings(dataset)) onNote(warning)
  const files = samples.filter(({ split, label }) => split === 'train' && label === 0).map(({ path }) => path)
  if (files.length > 0) return files
  throw new TabError('INVALID_DATA', { where: '--input', expected: `good training images in ${input}`, actual: 'none' })
}
