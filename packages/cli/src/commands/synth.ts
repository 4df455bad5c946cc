import { join, resolve } from 'node:path'
import type { TabError } from '@tab/core'
import { Command, Option } from 'commander'
import { claimOutput } from '../files/claim-output.ts'
import { KIND_NAMES } from '../synthesis/kinds.ts'
import { writePairs } from '../synthesis/write-pairs.ts'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { imageSize, wholeNumber } from './options.ts'

interface SynthFlags {
  readonly input: string
  readonly output: string
  readonly kind: string
  readonly count: number
  readonly seed: number
  readonly imageSize?: [number, number]
  readonly workers: number
  readonly skipUnsuitable: boolean
  readonly overwrite: boolean
  readonly json: boolean
}

const RESULTS = ['images/', 'masks/', 'reports.jsonl', 'contact-sheet.png']

/** `tab synth`: pairs of anomalous images and masks made from images of good parts, with a contact sheet to look at. */
export function synthCommand(terminal: Terminal): Command {
  return new Command('synth')
    .description('Make anomalous images with exact masks from images of good parts.')
    .requiredOption('--input <dir>', 'data set of any layout, or a folder of images of good parts and nothing else')
    .requiredOption('--output <dir>', 'folder for images, masks, reports.jsonl and contact-sheet.png')
    .addOption(new Option('--kind <name>', 'kind of defect').choices(KIND_NAMES).default('all'))
    .option('--count <n>', 'number of pairs', wholeNumber(1), 24)
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0), 0)
    .option('--image-size <size>', 'resize images first, SIDE or HEIGHTxWIDTH', imageSize)
    .option(
      '--workers <n>',
      'threads; 1 works in the main one; the pairs are the same for any number',
      wholeNumber(1),
      1,
    )
    .option('--skip-unsuitable', 'leave out images that cannot be read or take no defect; name and count them', false)
    .option('--overwrite', 'replace an earlier result in the output folder', false)
    .option('--json', 'print where the pairs are as JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab synth --input mvtec/screw --output pairs --kind poisson --count 100 --seed 1',
    )
    .action((flags: SynthFlags) => runSynth(flags, terminal))
}

async function runSynth(flags: SynthFlags, { stdout, stderr, signal }: Terminal): Promise<void> {
  await using claim = await claimOutput(flags.output, RESULTS, flags.overwrite, { reads: [flags.input] })
  const progress = progressDisplay(stderr)
  const { input, kind, count, seed, workers, imageSize: size, skipUnsuitable } = flags
  const leftOut: { file: string; reason: string }[] = []
  const onUnsuitable = (file: string, { message }: TabError): void => {
    leftOut.push({ file, reason: message })
    progress.stop()
    stderr.write(`${message}; left out\n`)
  }
  try {
    await claim.fill((workplace) =>
      writePairs({ input, kind, count, seed, size, workers }, workplace, {
        signal,
        onUnsuitable: skipUnsuitable ? onUnsuitable : undefined,
        onProgress: (step) => progress.report(step),
        onNote: (note) => void stderr.write(`${note}\n`),
      }),
    )
  } finally {
    progress.stop()
  }
  const [images, masks, reports, contactSheet] = RESULTS.map((name) => resolve(join(flags.output, name)))
  if (flags.json) {
    stdout.write(`${JSON.stringify({ pairs: count, images, masks, reports, contactSheet, leftOut }, null, 2)}\n`)
    return
  }
  const skipped = leftOut.length === 0 ? '' : `left out: ${leftOut.length} image${leftOut.length === 1 ? '' : 's'}\n`
  stdout.write(`${count} pairs: ${images}\n${skipped}contact sheet: ${contactSheet}\n`)
}
