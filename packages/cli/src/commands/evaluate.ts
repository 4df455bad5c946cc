import { join, resolve } from 'node:path'
import { TabError, type LongTaskOptions } from '@tab/core'
import type { Dataset } from '@tab/data'
import { openDataset, type LayoutName } from '@tab/data/node'
import { Command, Option } from 'commander'
import { evaluate, type Evaluation } from '../evaluation/evaluate.ts'
import { PIXEL_METRICS, usualBatchSize, type PixelMetricsMode } from '../evaluation/pixel-metrics.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { claimOutput } from '../files/claim-output.ts'
import { describeDataset, type NamedEvaluation } from '../report/describe-dataset.ts'
import { renderReport } from '../report/render-report.tsx'
import { optionsOf, type DetectorSpec } from '../setup/detector-spec.ts'
import { namedWeights, type NamedWeights } from '../setup/named-weights.ts'
import { openRecipe } from '../setup/open-recipe.ts'
import { BACKBONE_HELP } from '../setup/read-weights.ts'
import { metricTableText } from '../terminal/metric-table-text.ts'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { VERSION } from '../version.ts'
import { addDetectorOptions, detectorSpecOf, type DetectorFlags } from './detector-options.ts'
import { nameFlags } from './name-flags.ts'
import { imageSize, layoutOption, offlineOption, rate, wholeNumber } from './options.ts'

interface EvaluateFlags extends DetectorFlags {
  readonly data: string
  readonly layout?: LayoutName
  readonly category?: string
  readonly backbone: readonly string[]
  readonly imageSize: [number, number]
  readonly calibrate?: number
  readonly batchSize?: number
  readonly pixelMetrics?: PixelMetricsMode
  readonly seed: number
  readonly output: string
  readonly overwrite: boolean
  readonly skipUnreadable: boolean
  readonly json: boolean
}

/** `tab evaluate`: fit on the good training images, score the test images, print the table, write results and report. */
export function evaluateCommand(terminal: Terminal, setStatus: (status: ExitStatus) => void): Command {
  const command = new Command('evaluate')
    .description('Fit a detector on a data set and report image AUROC, pixel AUROC and AUPRO by defect type.')
    .requiredOption('--data <dir>', 'data set of any layout that tab data check knows')
    .addOption(layoutOption())
    .option('--category <name>', 'of a data set with several')
    .requiredOption('--backbone <weights...>', `${BACKBONE_HELP}; several, or NAME=PATH, are compared side by side`)
  return addDetectorOptions(command)
    .option('--image-size <size>', 'pixels, SIDE or HEIGHTxWIDTH', imageSize, [224, 224])
    .option(
      '--calibrate <rate>',
      'draw the threshold for this false positive rate, from good training images held out of the fit',
      rate,
    )
    .option('--batch-size <n>', 'images per step (default: 8, fewer for images above 448 px)', wholeNumber(1))
    .addOption(
      new Option(
        '--pixel-metrics <how>',
        'exact, or bounded: in memory that does not grow, with a bound of the error (default: exact up to 2^26 pixels)',
      ).choices(PIXEL_METRICS),
    )
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0), 0)
    .option('--output <dir>', 'folder for results.json and report.html', 'tab-output')
    .addOption(offlineOption())
    .option('--overwrite', 'replace an earlier result in the output folder', false)
    .option('--skip-unreadable', 'leave out images that cannot be read, and count them', false)
    .option('--json', 'print results.json instead of the table', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab evaluate --data mvtec/screw --backbone resnet18.safetensors --coreset-ratio 0.01 --output screw\n\n' +
        'Exit status: 0 every image was judged, 3 some were left out as unreadable, 1 failed, 64 wrong usage, 130 stopped by ctrl-C.',
    )
    .action(async (flags: EvaluateFlags) => {
      const status = await runEvaluate(flags, detectorSpecOf(command, flags), terminal)
      if (status !== EXIT.ok) setStatus(status)
    })
}

async function runEvaluate(
  flags: EvaluateFlags,
  spec: DetectorSpec,
  { stdout, stderr, signal }: Terminal,
): Promise<ExitStatus> {
  const { layout, category, output, detector } = flags
  const backbones = distinct(flags.backbone.map(namedWeights))
  const isAlone = backbones.length === 1
  await using claim = await claimOutput(output, ['results.json', 'report.html'], flags.overwrite, {
    reads: [flags.data, ...backbones.map(({ weights }) => weights)],
  })
  const dataset = await openDataset(flags.data, { layout, category, signal })
  const progress = progressDisplay(stderr)
  const runs: NamedEvaluation[] = []
  const opened: (() => void)[] = []
  try {
    for (const { name, weights } of backbones) {
      const task = { signal, onProgress: progress.report }
      const { evaluation, close } = await evaluateBackbone(
        dataset,
        isAlone ? undefined : name,
        weights,
        flags,
        spec,
        task,
      )
      runs.push({ title: isAlone ? detector : name, evaluation, threshold: evaluation.results.run.threshold })
      // Maps that were not kept are predicted again for the gallery, which no one can choose before all are scored.
      if (evaluation.results.run.pixelMetrics.method === 'exact') close()
      else opened.push(close)
    }
    const described = await describeDataset(dataset.name, runs, { signal, onProgress: progress.report })
    progress.stop()
    const all = runs.map(({ title, evaluation: { results } }) => [title, results] as const)
    const json = `${JSON.stringify(isAlone ? all[0]?.[1] : Object.fromEntries(all), null, 2)}\n`
    const report = join(output, 'report.html')
    await claim.publish({
      'report.html': renderReport({
        title: `Evaluation: ${detector} on ${dataset.name}`,
        note: undefined,
        datasets: [described],
        colophon: `Made by tab ${VERSION}`,
      }),
      'results.json': json,
    })
    const tables = all.map(([, results]) =>
      metricTableText(`${dataset.name}, ${detector}, ${results.run.backbone}`, results),
    )
    stdout.write(flags.json ? json : tables.join('\n'))
    stderr.write(`report: ${resolve(report)}\n`)
    return all.some(([, { run }]) => run.skipped.length > 0) ? EXIT.notJudged : EXIT.ok
  } finally {
    progress.stop()
    for (const close of opened) close()
  }
}

/** @param name what the backbone is called beside others; alone it is called by its file */
async function evaluateBackbone(
  dataset: Dataset,
  name: string | undefined,
  weights: string,
  flags: EvaluateFlags,
  spec: DetectorSpec,
  task: LongTaskOptions,
): Promise<{ readonly evaluation: Evaluation; close(): void }> {
  const { imageSize: size, batchSize = usualBatchSize(size), skipUnreadable, pixelMetrics, seed, calibrate } = flags
  const { recipe, layers, extractor, name: fileName } = await openRecipe(spec, weights, seed, task)
  try {
    const calibration = calibrate === undefined ? {} : { calibration: { rate: calibrate, seed } }
    const options = optionsOf(spec, layers, seed)
    const description = { dataset: dataset.name, backbone: name ?? fileName, detector: flags.detector, options }
    const plan = { dataset, recipe, size, batchSize, skipUnreadable, pixelMetrics, ...calibration, description }
    const evaluation = await evaluate(plan, task).catch(nameFlags)
    return {
      evaluation,
      close() {
        evaluation.dispose()
        extractor.dispose()
      },
    }
  } catch (error) {
    extractor.dispose()
    throw error
  }
}

function distinct(backbones: readonly NamedWeights[]): readonly NamedWeights[] {
  const twice = backbones.find(({ name }, index) => backbones.findIndex((other) => other.name === name) < index)
  if (!twice) return backbones
  throw new TabError('INVALID_ARGUMENT', {
    where: '--backbone',
    expected: 'a name for each, as NAME=PATH',
    actual: `${twice.name} twice`,
  })
}
