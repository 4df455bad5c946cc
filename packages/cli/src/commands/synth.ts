import { KIND_NAMES, type SynthesizeSpec } from '@tab/pipeline'
import { synthesize } from '@tab/pipeline/node'
import { Command, Option } from 'commander'
import { runTask } from '../terminal/run-task.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { imageSize, wholeNumber } from './options.ts'

interface SynthFlags extends SynthesizeSpec {
  readonly json: boolean
}

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

async function runSynth({ json, ...spec }: SynthFlags, terminal: Terminal): Promise<void> {
  const result = await runTask(terminal, (task) => synthesize(spec, task))
  const { pairs, images, contactSheet, leftOut } = result
  if (json) return void terminal.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  const skipped = leftOut.length === 0 ? '' : `left out: ${leftOut.length} image${leftOut.length === 1 ? '' : 's'}\n`
  terminal.stdout.write(`${pairs} pairs: ${images}\n${skipped}contact sheet: ${contactSheet}\n`)
}
