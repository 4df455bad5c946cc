import type { LayoutName } from '@tab/data'
import { CHOOSABLE_METHODS, DEFAULT_BACKBONE, type ChoosableMethod, type ChooseSpec } from '@tab/pipeline'
import { choose } from '@tab/pipeline/node'
import { choicePage } from '@tab/report'
import { Command, InvalidArgumentError, Option } from 'commander'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { choiceText, nothingWithin } from '../terminal/choice-text.ts'
import { runTask } from '../terminal/run-task.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { fitLine } from './fit-line.ts'
import { distinct, namedWeights } from './named-weights.ts'
import {
  BACKBONE_HELP,
  imageSizeList,
  layoutOption,
  nameList,
  offlineOption,
  positive,
  wholeNumber,
} from './options.ts'

interface ChooseFlags {
  readonly data: string
  readonly layout?: LayoutName
  readonly category?: string
  readonly backbone: readonly string[]
  readonly detector?: readonly ChoosableMethod[]
  readonly imageSize?: readonly [number, number][]
  readonly reading?: 'exact' | 'fast'
  readonly maxMs?: number
  readonly maxMb?: number
  readonly minutes: number
  readonly seed: number
  readonly output: string
  readonly overwrite: boolean
  readonly json: boolean
}

/** `tab choose`: which detector, image size and backbone for a product, measured on its good images. */
export function chooseCommand(terminal: Terminal, setStatus: (status: ExitStatus) => void): Command {
  return new Command('choose')
    .description(
      'Compare detectors, image sizes, tiles and backbones on images of good parts, with synthetic defects painted on some of them and ' +
        'with the real defects of the data set, and print the tab fit line of the best within limits of time and size.',
    )
    .requiredOption('--data <dir>', 'data set of any layout, or a folder of images of good parts and nothing else')
    .addOption(layoutOption())
    .option('--category <name>', 'of a data set with several')
    .option('--backbone <weights...>', `${BACKBONE_HELP}; several, or NAME=PATH, are compared`, [DEFAULT_BACKBONE])
    .option(
      '--detector <names>',
      'patchcore, padim or subspace, or several with commas between (default: all)',
      methods,
    )
    .option(
      '--image-size <sizes>',
      'sizes to compare, SIDE or HEIGHTxWIDTH, with commas between (default: some from 160 to 448 px, and tiles of larger photographs)',
      imageSizeList,
    )
    .addOption(
      new Option(
        '--reading <how>',
        'how images are resized (default: exact below a million pixels, else fast, which a browser cannot)',
      ).choices(['exact', 'fast']),
    )
    .option('--max-ms <ms>', 'most time for one image on this machine, from its file to its score', positive)
    .option('--max-mb <MB>', "most megabytes of the detector's file", positive)
    .option('--minutes <n>', 'time for all of it; what was not tried is said', positive, 10)
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0), 0)
    .option('--output <dir>', 'folder for choice.json and report.html', 'tab-choice')
    .addOption(offlineOption())
    .option('--overwrite', 'replace an earlier result in the output folder', false)
    .option('--json', 'print choice.json instead of the table', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab choose --data mvtec/screw --max-ms 50 --max-mb 200 --output screw-choice\n\n' +
        'Exit status: 0 something fits the limits, 1 failed or nothing does (the report has all figures), 64 wrong usage, 130 stopped by ctrl-C.',
    )
    .action(async (flags: ChooseFlags) => {
      const status = await runChoose(flags, terminal)
      if (status !== EXIT.ok) setStatus(status)
    })
}

async function runChoose(flags: ChooseFlags, terminal: Terminal): Promise<ExitStatus> {
  const { stdout, stderr } = terminal
  const { data, layout, category, reading, maxMs, maxMb, minutes, seed, output, overwrite } = flags
  const spec: ChooseSpec = {
    ...{ data, layout, category, reading, maxMs, maxMb, minutes, seed, output, overwrite },
    backbones: distinct(flags.backbone.map(namedWeights)),
    detectors: flags.detector,
    imageSizes: flags.imageSize,
  }
  const { files, ...choice } = await runTask(terminal, (task) =>
    choose(spec, {
      ...task,
      commandOf: fitLine,
      drawReport: choicePage,
      onCandidate: (name, { real, synthetic, cost }) => {
        const auroc = (real ?? synthetic)?.imageAuroc.value.toFixed(3)
        if (!stderr.isTTY) stderr.write(`${name}: image AUROC ${auroc}, ${Math.round(cost.milliseconds)} ms\n`)
      },
    }),
  )
  stdout.write(flags.json ? `${JSON.stringify(choice, null, 2)}\n` : choiceText(choice))
  stderr.write(`report: ${files.report}\n`)
  const failure = nothingWithin(choice)
  if (failure === undefined) return EXIT.ok
  stderr.write(`tab: ${failure}\n`)
  return EXIT.failure
}

function methods(text: string): ChoosableMethod[] {
  const names = nameList(text)
  if (names.every((name): name is ChoosableMethod => (CHOOSABLE_METHODS as readonly string[]).includes(name)))
    return names
  throw new InvalidArgumentError(`expected ${CHOOSABLE_METHODS.join(', ')} with commas between, got "${text}"`)
}
