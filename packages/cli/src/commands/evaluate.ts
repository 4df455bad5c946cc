import { join, resolve } from 'node:path'
import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { openDataset, type LayoutName } from '@tab/data/node'
import { Command } from 'commander'
import { evaluate } from '../evaluation/evaluate.ts'
import { claimOutput } from '../files/claim-output.ts'
import { writeAtomically } from '../files/write-atomically.ts'
import { describeDataset } from '../report/describe-dataset.ts'
import { renderReport } from '../report/render-report.tsx'
import { loadExtractor } from '../setup/load-extractor.ts'
import { layersOf, optionsOf, recipeOf, type DetectorSpec } from '../setup/detector-spec.ts'
import { BACKBONE_HELP } from '../setup/read-weights.ts'
import { metricTableText } from '../terminal/metric-table-text.ts'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { VERSION } from '../version.ts'
import { addDetectorOptions, detectorSpecOf, type DetectorFlags } from './detector-options.ts'
import { imageSize, layoutOption, rate, wholeNumber } from './options.ts'

interface EvaluateFlags extends DetectorFlags {
  readonly data: string
  readonly layout?: LayoutName
  readonly category?: string
  readonly backbone: string
  readonly imageSize: [number, number]
  readonly calibrate?: number
  readonly batchSize: number
  readonly seed: number
  readonly output: string
  readonly overwrite: boolean
  readonly skipUnreadable: boolean
  readonly json: boolean
}

/** `tab evaluate`: fit on the good training images, score the test images, print the table, write results and report. */
export function evaluateCommand(terminal: Terminal): Command {
  const command = new Command('evaluate')
    .description('Fit a detector on a data set and report image AUROC, pixel AUROC and AUPRO by defect type.')
    .requiredOption('--data <dir>', 'data set of any layout that tab data check knows')
    .addOption(layoutOption())
    .option('--category <name>', 'of a data set with several')
    .requiredOption('--backbone <weights>', BACKBONE_HELP)
  return addDetectorOptions(command)
    .option('--image-size <size>', 'pixels, SIDE or HEIGHTxWIDTH', imageSize, [224, 224])
    .option(
      '--calibrate <rate>',
      'draw the threshold for this false positive rate, from good training images held out of the fit',
      rate,
    )
    .option('--batch-size <n>', 'images a step', wholeNumber(1), 8)
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0), 0)
    .option('--output <dir>', 'folder for results.json and report.html', 'tab-output')
    .option('--overwrite', 'replace an earlier result in the output folder', false)
    .option('--skip-unreadable', 'leave out images that cannot be read, and count them', false)
    .option('--json', 'print results.json instead of the table', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab evaluate --data mvtec/screw --backbone resnet18.safetensors --coreset-ratio 0.01 --output screw',
    )
    .action((flags: EvaluateFlags) => runEvaluate(flags, detectorSpecOf(command, flags), terminal))
}

async function runEvaluate(
  flags: EvaluateFlags,
  spec: DetectorSpec,
  { stdout, stderr, signal }: Terminal,
): Promise<void> {
  const { imageSize: size } = flags
  const layers = layersOf(spec)
  await claimOutput(flags.output, ['results.json', 'report.html'], flags.overwrite)
  const { layout, category } = flags
  const dataset = await openDataset(flags.data, { layout, category, signal })
  const progress = progressDisplay(stderr)
  const loading = loadExtractor(flags.backbone, layers, {}, { signal, onProgress: progress.report })
  const { extractor, name: backbone } = await loading.finally(progress.stop)
  try {
    const backend = onnxBackend({ ort: await loadOrt() })
    const recipe = recipeOf(spec, { extractor, backend, seed: flags.seed })
    const evaluation = await evaluate(
      {
        dataset,
        recipe,
        size,
        batchSize: flags.batchSize,
        skipUnreadable: flags.skipUnreadable,
        ...(flags.calibrate === undefined ? {} : { calibration: { rate: flags.calibrate, seed: flags.seed } }),
        description: {
          dataset: dataset.name,
          backbone,
          detector: flags.detector,
          options: optionsOf(spec, flags.seed),
        },
      },
      { signal, onProgress: (step) => progress.report(step) },
    )
    const title = `${flags.detector} on ${dataset.name}`
    const described = await describeDataset(
      dataset.name,
      [{ title: flags.detector, evaluation, threshold: evaluation.results.run.threshold }],
      {
        signal,
        onProgress: progress.report,
      },
    )
    progress.stop()
    const { results } = evaluation
    const json = `${JSON.stringify(results, null, 2)}\n`
    stdout.write(flags.json ? json : metricTableText(`${dataset.name}, ${flags.detector}, ${backbone}`, results))
    const report = join(flags.output, 'report.html')
    await writeAtomically(
      report,
      renderReport({
        title: `Evaluation: ${title}`,
        note: undefined,
        datasets: [described],
        colophon: `Made by tab ${VERSION}`,
      }),
    )
    await writeAtomically(join(flags.output, 'results.json'), json)
    stderr.write(`report: ${resolve(report)}\n`)
  } finally {
    progress.stop()
    extractor.dispose()
  }
}
