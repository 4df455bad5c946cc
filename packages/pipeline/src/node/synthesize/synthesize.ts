import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { throwIfAborted, type LongTaskOptions, type TabError } from '@tab/core'
import { writeImage, writeMask } from '@tab/data/node'
import { parseSpec } from '../../spec/parse-spec.ts'
import { SYNTHESIZE_SPEC, type SynthesizeSpec } from '../../spec/synthesize-spec.ts'
import { claimOutput } from '../files/claim-output.ts'
import type { PipelineTask } from '../pipeline-task.ts'
import { openNoted } from '../open-noted.ts'
import { requireGoodImages } from '../require-good-images.ts'
import { contactSheet, type Triple } from './contact-sheet.ts'
import { pairsOfFiles, type PairsPlan, type PairsTask } from './pairs-of-files.ts'

/** Where the pairs are, as absolute paths. */
export interface SynthesizeResult {
  readonly pairs: number
  readonly images: string
  readonly masks: string
  readonly reports: string
  readonly contactSheet: string
  /** Images that took no defect or could not be read, with the reason. */
  readonly leftOut: readonly { readonly file: string; readonly reason: string }[]
}

const RESULTS = ['images/', 'masks/', 'reports.jsonl', 'contact-sheet.png'] as const

/**
 * Makes pairs of anomalous images and exact masks from images of good parts, and writes images/NNNNNN.png, masks/NNNNNN.png, reports.jsonl
 * (a line per pair) and contact-sheet.png.
 * @throws INVALID_ARGUMENT, INVALID_DATA, NOT_FOUND naming the field or the file; what the synthesis throws, naming the file; ABORTED
 * @example
 * ```ts
 * import { readdir } from 'node:fs/promises'
 * import { synthesize } from '@tab/pipeline/node'
 *
 * const { pairs, masks } = await synthesize({ input: 'washers', output: 'anomalies', kind: 'scratch', count: 2 })
 * console.log(pairs, await readdir(masks)) // 2 [ '000000.png', '000001.png' ]
 * ```
 */
export async function synthesize(given: SynthesizeSpec, task: PipelineTask = {}): Promise<SynthesizeResult> {
  const spec = parseSpec(SYNTHESIZE_SPEC, given)
  const { input, output, kind = 'all', count = 24, seed = 0, imageSize: size, workers = 1 } = spec
  await using claim = await claimOutput(output, RESULTS, spec.overwrite ?? false, { reads: [input] })
  const leftOut: { file: string; reason: string }[] = []
  const onUnsuitable = (file: string, { message }: TabError): void => {
    leftOut.push({ file, reason: message })
    task.onNote?.(`${message}; left out`)
  }
  const { signal, onProgress } = task
  const files = requireGoodImages(await openNoted(input, { signal }, task.onNote), 'spec.input', input).map(
    ({ path }) => path,
  )
  await claim.fill((workplace) =>
    writePairs(files, { kind, count, seed, size, workers }, workplace, {
      signal,
      onProgress,
      onUnsuitable: spec.skipUnsuitable ? onUnsuitable : undefined,
    }),
  )
  const [images, masks, reports, sheet] = RESULTS.map((name) => resolve(join(output, name))) as [
    string,
    string,
    string,
    string,
  ]
  return { pairs: count, images, masks, reports, contactSheet: sheet, leftOut }
}

const SHEET = 24 // pairs on the contact sheet

async function writePairs(
  files: readonly string[],
  plan: PairsPlan,
  folder: string,
  { signal, onProgress, onUnsuitable }: LongTaskOptions & PairsTask,
): Promise<void> {
  const lines: string[] = []
  const shown: Triple[] = []
  for await (const { index, file, normal, anomaly } of pairsOfFiles(files, plan, { signal, onUnsuitable })) {
    const { image, mask, report } = anomaly
    const name = `${String(index).padStart(6, '0')}.png`
    await writeImage(join(folder, 'images', name), image)
    await writeMask(join(folder, 'masks', name), mask)
    lines.push(JSON.stringify({ index, source: file, seed: plan.seed, ...report }))
    if (index < SHEET) shown.push({ normal, anomalous: image, mask })
    throwIfAborted('synthesize', signal)
    onProgress?.({ phase: 'synthesise', done: index + 1, total: plan.count })
  }
  await writeFile(join(folder, 'reports.jsonl'), `${lines.join('\n')}\n`)
  await writeImage(join(folder, 'contact-sheet.png'), contactSheet(shown))
}
