import type { LayoutName } from '@tab/data'
import { DEFAULT_BACKBONE, type FitSpec } from '@tab/pipeline'
import { fit } from '@tab/pipeline/node'
import { suspectsSheet } from '@tab/report/node'
import { Command, Option } from 'commander'
import { fitJson, fitText, fitWarnings } from '../terminal/fit-text.ts'
import { runTask } from '../terminal/run-task.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { addDetectorOptions, detectorSpecOf, foreignSpecOf, type DetectorFlags } from './detector-options.ts'
import { BACKBONE_HELP, imageSize, layoutOption, offlineOption, rate, wholeNumber } from './options.ts'
import { addPictureOptions, pictureSpecOf, pixels, SMALLEST_DEFECT_HELP, type PictureFlags } from './picture-options.ts'

export interface FitFlags extends DetectorFlags, PictureFlags {
  readonly data: string
  readonly layout?: LayoutName
  readonly category?: string
  readonly backbone: string
  readonly crop?: [number, number]
  readonly filter: 'bilinear' | 'lanczos'
  /** False with `--no-calibrate`. */
  readonly calibrate?: number | false
  readonly folds?: number
  readonly smallestDefect?: number
  readonly suspects: boolean
  readonly dropSuspects: boolean
  readonly batchSize?: number
  readonly seed: number
  readonly output: string
  readonly overwrite: boolean
  readonly skipUnreadable: boolean
  readonly json: boolean
}

/** `tab fit`: a detector from images of good parts, with thresholds, as one file. */
export function fitCommand(terminal: Terminal): Command {
  const command = new Command('fit')
    .description(
      'Fit a detector on images of good parts and write it to a file, with a threshold. Photographs among them that look unlike the ' +
        'others are listed, and shown in NAME.suspects.png beside the file.',
    )
    .requiredOption('--data <dir>', 'data set of any layout, or a folder of images of good parts and nothing else')
    .addOption(layoutOption())
    .option('--category <name>', 'of a data set with several')
    .requiredOption('--output <file>', 'the detector, .safetensors')
    .option('--backbone <weights>', BACKBONE_HELP, DEFAULT_BACKBONE)
  addPictureOptions(addDetectorOptions(command))
    .option('--crop <size>', 'middle part kept after the resize, SIDE or HEIGHTxWIDTH', imageSize)
    .addOption(new Option('--filter <name>', 'of the resize').choices(['bilinear', 'lanczos']).default('bilinear'))
    .option('--smallest-defect <px>', SMALLEST_DEFECT_HELP, pixels)
    .option(
      '--calibrate <rate>',
      'false positive rate of the threshold, from images held out (default: 0.05 if half of the images support it, else cross-fitted at the lowest rate that they support)',
      rate,
    )
    .option('--no-calibrate', 'make no threshold: tab predict will judge nothing')
    .option('--folds <k>', 'cross-fit the threshold over k folds instead of holding images out', wholeNumber(2))
    .option('--drop-suspects', 'fit and calibrate without the photographs that look unlike the others', false)
    .option('--no-suspects', 'do not look for them, which takes 4 to 12 more fits on half of the images, or on 64')
    .option('--batch-size <n>', 'images per step (default: 8, fewer for images above 448 px)', wholeNumber(1))
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0), 0)
    .addOption(offlineOption())
    .option('--overwrite', 'replace an earlier file', false)
    .option('--skip-unreadable', 'leave out images that cannot be read, and count them', false)
    .option('--json', 'print what was fitted as JSON', false)
    .addHelpText('after', '\nExample:\n  tab fit --data mvtec/screw --calibrate 0.05 --output screw.safetensors')
  return command.action(async (flags: FitFlags) => runFit(fitSpecOf(command, flags), flags, terminal))
}

/** The spec that the flags of {@link fitCommand} make; those that exclude each other are wrong usage. */
export function fitSpecOf(command: Command, flags: FitFlags): FitSpec {
  if (flags.folds !== undefined && flags.calibrate === false)
    command.error('error: --folds makes a threshold, which --no-calibrate turns off')
  if (flags.dropSuspects && !flags.suspects)
    command.error('error: --drop-suspects needs the check that --no-suspects turns off')
  const { data, layout, category, backbone, output, crop, filter, calibrate, folds } = flags
  const { batchSize, seed, overwrite, skipUnreadable, smallestDefect } = flags
  return {
    ...{ data, layout, category, backbone, output, crop, filter, calibrate, folds },
    ...{ batchSize, seed, overwrite, skipUnreadable, smallestDefect },
    detector: detectorSpecOf(command, flags),
    ...pictureSpecOf(command, flags),
    foreign: foreignSpecOf(flags),
    suspects: flags.dropSuspects ? 'drop' : flags.suspects ? undefined : 'skip',
  }
}

async function runFit(spec: FitSpec, { json }: FitFlags, terminal: Terminal): Promise<void> {
  const result = await runTask(terminal, (task) => fit(spec, { ...task, drawSuspects: suspectsSheet }))
  if (!json) return void terminal.stdout.write(fitText(result))
  terminal.stdout.write(`${JSON.stringify(fitJson(result), null, 2)}\n`)
  for (const warning of fitWarnings(result)) terminal.stderr.write(`${warning}\n`)
}
