import { basename, dirname, resolve } from 'node:path'
import { saveDetector, type Preparation } from '@tab/adapters'
import { TabError } from '@tab/core'
import type { Sample } from '@tab/data'
import { openDataset, type LayoutName } from '@tab/data/node'
import { Command, Option } from 'commander'
import { formatNotes } from '../detection/detector-notes.ts'
import { fitDetector, type FittedDetector } from '../detection/fit-detector.ts'
import { claimOutput } from '../files/claim-output.ts'
import { writeAtomically } from '../files/write-atomically.ts'
import type { DetectorSpec } from '../setup/detector-spec.ts'
import { openRecipe } from '../setup/open-recipe.ts'
import { BACKBONE_HELP } from '../setup/read-weights.ts'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { VERSION } from '../version.ts'
import { addDetectorOptions, detectorSpecOf, type DetectorFlags } from './detector-options.ts'
import { imageSize, layoutOption, rate, wholeNumber } from './options.ts'

interface FitFlags extends DetectorFlags {
  readonly data: string
  readonly layout?: LayoutName
  readonly category?: string
  readonly backbone: string
  readonly imageSize: [number, number]
  readonly crop?: [number, number]
  readonly filter: 'bilinear' | 'lanczos'
  readonly calibrate?: number
  readonly folds?: number
  readonly batchSize: number
  readonly seed: number
  readonly output: string
  readonly overwrite: boolean
  readonly skipUnreadable: boolean
  readonly json: boolean
}

/** `tab fit`: a detector from images of good parts, with thresholds, as one file. */
export function fitCommand(terminal: Terminal): Command {
  const command = new Command('fit')
    .description('Fit a detector on images of good parts and write it to a file, with thresholds on request.')
    .requiredOption('--data <dir>', 'data set of any layout, or a folder of images of good parts and nothing else')
    .addOption(layoutOption())
    .option('--category <name>', 'of a data set with several')
    .requiredOption('--backbone <weights>', BACKBONE_HELP)
    .requiredOption('--output <file>', 'the detector, .safetensors')
  addDetectorOptions(command)
    .option('--image-size <size>', 'pixels, SIDE or HEIGHTxWIDTH', imageSize, [224, 224])
    .option('--crop <size>', 'middle part kept behind the resize, SIDE or HEIGHTxWIDTH', imageSize)
    .addOption(new Option('--filter <name>', 'of the resize').choices(['bilinear', 'lanczos']).default('bilinear'))
    .option('--calibrate <rate>', 'make thresholds for this false positive rate, from images held out', rate)
    .option('--folds <k>', 'with --calibrate: cross-fit over k folds instead of holding images out', wholeNumber(2))
    .option('--batch-size <n>', 'images a step', wholeNumber(1), 8)
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0), 0)
    .option('--overwrite', 'replace an earlier file', false)
    .option('--skip-unreadable', 'leave out images that cannot be read, and count them', false)
    .option('--json', 'print what was fitted as JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab fit --data mvtec/screw --backbone resnet18.safetensors --calibrate 0.05 --output screw.safetensors',
    )
  return command.action(async (flags: FitFlags) => {
    if (flags.folds !== undefined && flags.calibrate === undefined)
      command.error('error: --folds needs --calibrate <rate>')
    await runFit(flags, detectorSpecOf(command, flags), terminal)
  })
}

async function runFit(flags: FitFlags, spec: DetectorSpec, { stdout, stderr, signal }: Terminal): Promise<void> {
  const { output, imageSize: size, crop, filter, seed } = flags
  await claimOutput(dirname(output), [basename(output)], flags.overwrite)
  const samples = await goodImages(flags, signal)
  const progress = progressDisplay(stderr)
  const opening = openRecipe(spec, flags.backbone, seed, { signal, onProgress: progress.report })
  const { recipe, layers, extractor, name, source } = await opening.finally(progress.stop)
  const preparation: Preparation = { size, ...(crop ? { crop } : {}), filter }
  const skipped: string[] = []
  const onUnreadable = flags.skipUnreadable ? { onUnreadable: ({ id }: Sample) => void skipped.push(id) } : {}
  let fitted: FittedDetector | undefined
  try {
    const reading = { ...preparation, batchSize: flags.batchSize, signal, ...onUnreadable }
    fitted = await fitDetector(
      { recipe, samples, reading, seed, rate: flags.calibrate, folds: flags.folds },
      { signal, onProgress: progress.report },
    )
    const { calibration, images } = fitted
    const notes = formatNotes({
      backbone: { path: source, name },
      layers,
      images: { ...images },
      madeBy: `tab ${VERSION}`,
    })
    await writeAtomically(output, await saveDetector(fitted.detector, { calibration, preparation, notes }))
    progress.stop()
    if (flags.json) {
      const { threshold = null, falsePositiveRate = null } = calibration ?? {}
      const told = { detector: resolve(output), backbone: name, images, skipped, threshold, falsePositiveRate }
      stdout.write(`${JSON.stringify(told, null, 2)}\n`)
      return
    }
    stdout.write(`${flags.detector} on ${name}: ${describeFit(fitted, flags)}\ndetector: ${resolve(output)}\n`)
    if (skipped.length > 0) stdout.write(`${skipped.length} unreadable images skipped: ${skipped.join(', ')}\n`)
  } finally {
    progress.stop()
    fitted?.detector.dispose()
    extractor.dispose()
  }
}

function describeFit({ calibration, images }: FittedDetector, { folds }: FitFlags): string {
  const fitted = `${images.fitted} good images fitted`
  if (!calibration) return `${fitted}, no threshold`
  const { threshold, falsePositiveRate } = calibration
  const from = folds === undefined ? `${images.heldOut} more, held out` : `the same, cross-fitted over ${folds} folds`
  return `${fitted}, threshold ${threshold.toPrecision(4)} for a false positive rate of ${falsePositiveRate} from ${from}`
}

/** The good training images of a data set; of a flat folder of images, all of them. */
async function goodImages({ data, layout, category }: FitFlags, signal: AbortSignal): Promise<readonly Sample[]> {
  const { samples } = await openDataset(data, { layout, category, signal })
  const good = samples.filter(({ split, label }) => split === 'train' && label === 0)
  if (good.length > 0) return good
  throw new TabError('INVALID_DATA', { where: '--data', expected: `good training images in ${data}`, actual: 'none' })
}
