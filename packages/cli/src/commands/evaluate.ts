import type { LongTaskOptions } from '@tab/core'
import type { LayoutName } from '@tab/data'
import { DEFAULT_BACKBONE, PIXEL_METRICS, type EvaluateSpec, type PixelMetricsMode } from '@tab/pipeline'
import { evaluate, type EvaluationPage } from '@tab/pipeline/node'
import { renderReport } from '@tab/report'
import { describeDataset } from '@tab/report/node'
import { Command, Option } from 'commander'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { metricTableText } from '../terminal/metric-table-text.ts'
import { runTask } from '../terminal/run-task.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { VERSION } from '../version.ts'
import { addDetectorOptions, detectorSpecOf, foreignSpecOf, type DetectorFlags } from './detector-options.ts'
import { distinct, namedWeights } from './named-weights.ts'
import { BACKBONE_HELP, layoutOption, offlineOption, rate, wholeNumber } from './options.ts'
import { addPictureOptions, pictureSpecOf, type PictureFlags } from './picture-options.ts'

interface EvaluateFlags extends DetectorFlags, PictureFlags {
  readonly data: string
  readonly layout?: LayoutName
  readonly category?: string
  readonly shots?: number
  readonly backbone: readonly string[]
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
    .option(
      '--shots <n>',
      'fit on so many of the good training images, drawn by the seed (default: all)',
      wholeNumber(1),
    )
    .option('--backbone <weights...>', `${BACKBONE_HELP}; several, or NAME=PATH, are compared side by side`, [
      DEFAULT_BACKBONE,
    ])
  return addPictureOptions(addDetectorOptions(command))
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
      '\nExample:\n  tab evaluate --data mvtec/screw --coreset-ratio 0.01 --output screw\n\n' +
        'Exit status: 0 every image was judged, 3 some were left out as unreadable, 1 failed, 64 wrong usage, 130 stopped by ctrl-C.',
    )
    .action(async (flags: EvaluateFlags) => {
      const status = await runEvaluate(
        flags,
        { detector: detectorSpecOf(command, flags), ...pictureSpecOf(command, flags) },
        terminal,
      )
      if (status !== EXIT.ok) setStatus(status)
    })
}

async function runEvaluate(
  flags: EvaluateFlags,
  parts: Partial<EvaluateSpec>,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { data, layout, category, shots, calibrate, batchSize, pixelMetrics, seed, output, overwrite } = flags
  const spec: EvaluateSpec = {
    ...{ data, layout, category, shots, calibrate, batchSize, pixelMetrics, seed, output, overwrite },
    skipUnreadable: flags.skipUnreadable,
    backbones: distinct(flags.backbone.map(namedWeights)),
    foreign: foreignSpecOf(flags),
    ...parts,
  }
  const { dataset, method, runs, json, files } = await runTask(terminal, (task) =>
    evaluate(spec, { ...task, drawReport: reportPage }),
  )
  const tables = runs.map(({ results }) => metricTableText(`${dataset}, ${method}, ${results.run.backbone}`, results))
  terminal.stdout.write(flags.json ? json : tables.join('\n'))
  terminal.stderr.write(`report: ${files.report}\n`)
  return runs.some(({ results }) => results.run.skipped.length > 0) ? EXIT.notJudged : EXIT.ok
}

async function reportPage({ title, dataset, runs }: EvaluationPage, task: LongTaskOptions): Promise<string> {
  const datasets = [await describeDataset(dataset, runs, task)]
  return renderReport({ title, note: undefined, datasets, colophon: `Made by tab ${VERSION}` })
}
