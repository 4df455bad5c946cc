import { rm } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { memoizedExtractor, saveDetector, type Preparation } from '@tab/adapters'
import { TabError, type FeatureExtractor, type LongTaskOptions } from '@tab/core'
import type { Sample } from '@tab/data'
import { openDataset, type LayoutName } from '@tab/data/node'
import { Command, Option } from 'commander'
import { checkSuspects, type SuspectsReport } from '../detection/check-suspects.ts'
import { formatNotes } from '../detection/detector-notes.ts'
import { fitDetector, type FittedDetector } from '../detection/fit-detector.ts'
import { goodImages as readLater, readGoodImages } from '../detection/good-images.ts'
import { mapUnseen } from '../detection/map-unseen.ts'
import { planThreshold } from '../detection/plan-threshold.ts'
import { claimOutput } from '../files/claim-output.ts'
import { suspectsSheetPath } from '../report/suspects-sheet-path.ts'
import { suspectsSheet } from '../report/suspects-sheet.ts'
import type { DetectorSpec } from '../setup/detector-spec.ts'
import { openRecipe } from '../setup/open-recipe.ts'
import { BACKBONE_HELP } from '../setup/read-weights.ts'
import { fitJson, fitText, fitWarnings, type FitOutcome } from '../terminal/fit-text.ts'
import { progressDisplay } from '../terminal/progress.ts'
import type { OutputStream, Terminal } from '../terminal/terminal.ts'
import { datasetWarnings } from '../terminal/warning-lines.ts'
import { VERSION } from '../version.ts'
import { addDetectorOptions, detectorSpecOf, type DetectorFlags } from './detector-options.ts'
import { nameFlags } from './name-flags.ts'
import { imageSize, layoutOption, offlineOption, rate, wholeNumber } from './options.ts'

interface FitFlags extends DetectorFlags {
  readonly data: string
  readonly layout?: LayoutName
  readonly category?: string
  readonly backbone: string
  readonly imageSize: [number, number]
  readonly crop?: [number, number]
  readonly filter: 'bilinear' | 'lanczos'
  /** False with `--no-calibrate`. */
  readonly calibrate?: number | false
  readonly folds?: number
  readonly suspects: boolean
  readonly dropSuspects: boolean
  readonly batchSize: number
  readonly seed: number
  readonly output: string
  readonly overwrite: boolean
  readonly skipUnreadable: boolean
  readonly json: boolean
}

const SHOWN = 99 // suspects on the contact sheet
const HELD_BYTES = 2 ** 29 // of images kept in memory, and as much of features, while they are fitted on several times

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
    .requiredOption('--backbone <weights>', BACKBONE_HELP)
    .requiredOption('--output <file>', 'the detector, .safetensors')
  addDetectorOptions(command)
    .option('--image-size <size>', 'pixels, SIDE or HEIGHTxWIDTH', imageSize, [224, 224])
    .option('--crop <size>', 'middle part kept after the resize, SIDE or HEIGHTxWIDTH', imageSize)
    .addOption(new Option('--filter <name>', 'of the resize').choices(['bilinear', 'lanczos']).default('bilinear'))
    .option(
      '--calibrate <rate>',
      'false positive rate of the threshold, from images held out (default: 0.05 if half of the images support it, else cross-fitted at the lowest rate that they support)',
      rate,
    )
    .option('--no-calibrate', 'make no threshold: tab predict will judge nothing')
    .option('--folds <k>', 'cross-fit the threshold over k folds instead of holding images out', wholeNumber(2))
    .option('--drop-suspects', 'fit and calibrate without the photographs that look unlike the others', false)
    .option('--no-suspects', 'do not look for them, which takes 4 to 12 more fits on half of the images, or on 64')
    .option('--batch-size <n>', 'images a step', wholeNumber(1), 8)
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0), 0)
    .addOption(offlineOption())
    .option('--overwrite', 'replace an earlier file', false)
    .option('--skip-unreadable', 'leave out images that cannot be read, and count them', false)
    .option('--json', 'print what was fitted as JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab fit --data mvtec/screw --backbone resnet18.safetensors --calibrate 0.05 --output screw.safetensors',
    )
  return command.action(async (flags: FitFlags) => {
    if (flags.folds !== undefined && flags.calibrate === false)
      command.error('error: --folds makes a threshold, which --no-calibrate turns off')
    if (flags.dropSuspects && !flags.suspects)
      command.error('error: --drop-suspects needs the check that --no-suspects turns off')
    await runFit(flags, detectorSpecOf(command, flags), terminal)
  })
}

async function runFit(flags: FitFlags, spec: DetectorSpec, { stdout, stderr, signal }: Terminal): Promise<void> {
  const { output, imageSize: size, crop, filter, seed, batchSize } = flags
  const sheet = suspectsSheetPath(output, flags.data)
  await using claim = await claimOutput(dirname(output), [basename(output), basename(sheet)], flags.overwrite, {
    reads: [flags.data, flags.backbone],
  })
  const samples = await goodImages(flags, stderr, signal)
  const progress = progressDisplay(stderr)
  const task: LongTaskOptions = { signal, onProgress: progress.report }
  const remember = (extractor: FeatureExtractor): FeatureExtractor =>
    flags.suspects ? memoizedExtractor(extractor, { maxBytes: HELD_BYTES }) : extractor
  const opening = openRecipe(spec, flags.backbone, seed, task, remember)
  const { recipe, layers, extractor, name, source } = await opening.finally(progress.stop)
  const preparation: Preparation = { size, ...(crop ? { crop } : {}), filter }
  const skipped: string[] = []
  const onUnreadable = flags.skipUnreadable ? { onUnreadable: ({ id }: Sample) => void skipped.push(id) } : {}
  let fitted: FittedDetector | undefined
  try {
    const reading = { ...preparation, batchSize, signal, ...onUnreadable }
    const images =
      flags.suspects || flags.skipUnreadable
        ? await readGoodImages(samples, reading, flags.suspects ? HELD_BYTES : 0, (done) =>
            progress.report({ phase: 'read', done, total: samples.length }),
          )
        : readLater(samples, reading)
    if (images.count === 0) {
      const actual = `none of ${samples.length}`
      throw new TabError('INVALID_DATA', { where: '--data', expected: 'good images that can be read', actual })
    }
    const report: SuspectsReport = flags.suspects
      ? await checkSuspects(recipe, images, seed, task)
      : { suspects: undefined, unchecked: '--no-suspects was given' }
    const found = report.suspects ?? []
    const suspicious = new Set(found.map(({ sample }) => images.samples.indexOf(sample)))
    const every = images.samples.map((_, index) => index)
    const unsuspicious = every.filter((index) => !suspicious.has(index))
    const numbers = flags.dropSuspects ? unsuspicious : every
    const threshold = planThreshold(numbers.length, { rate: flags.calibrate, folds: flags.folds })
    fitted = await fitDetector({ recipe, images, numbers, seed, threshold }, task).catch(nameFlags)
    const suspects = report.suspects?.map(({ sample: { path }, score, pValue }) => ({ path, score, pValue })) ?? null
    const dropped = flags.dropSuspects ? (suspects ?? []).map(({ path }) => path) : []
    const notes = formatNotes({
      backbone: { path: source, name },
      layers,
      images: { ...fitted.images },
      threshold: fitted.threshold,
      suspects,
      dropped,
      madeBy: `tab ${VERSION}`,
    })
    const { calibration } = fitted
    const files: Record<string, Uint8Array> = {
      [basename(output)]: await saveDetector(fitted.detector, { calibration, preparation, notes }),
    }
    if (found.length > 0) {
      const shown = found.slice(0, SHOWN).map(({ sample }) => images.samples.indexOf(sample))
      const mapped = await mapUnseen(
        { recipe, images, detector: fitted.detector },
        shown,
        flags.dropSuspects ? undefined : unsuspicious,
      )
      files[basename(sheet)] = await suspectsSheet(mapped)
    }
    await claim.publish(files)
    if (found.length === 0) await rm(sheet, { force: true }) // of an earlier fit, which --overwrite gave leave to replace
    progress.stop()
    const outcome: FitOutcome = {
      title: `${flags.detector} on ${name}`,
      output: resolve(output),
      sheet: found.length > 0 ? resolve(sheet) : null,
      backbone: name,
      fitted,
      suspects,
      ...(report.unchecked === undefined ? {} : { unchecked: report.unchecked }),
      dropped,
      skipped,
    }
    if (!flags.json) return void stdout.write(fitText(outcome))
    stdout.write(`${JSON.stringify(fitJson(outcome), null, 2)}\n`)
    for (const warning of fitWarnings(outcome)) stderr.write(`${warning}\n`)
  } finally {
    progress.stop()
    fitted?.detector.dispose()
    extractor.dispose()
  }
}

/** The good training images of a data set; of a flat folder of images, all of them. */
async function goodImages(
  { data, layout, category }: FitFlags,
  stderr: OutputStream,
  signal: AbortSignal,
): Promise<readonly Sample[]> {
  const dataset = await openDataset(data, { layout, category, signal })
  const { samples } = dataset
  for (const warning of datasetWarnings(dataset)) stderr.write(`${warning}\n`)
  const good = samples.filter(({ split, label }) => split === 'train' && label === 0)
  if (good.length > 0) return good
  throw new TabError('INVALID_DATA', { where: '--data', expected: `good training images in ${data}`, actual: 'none' })
}
