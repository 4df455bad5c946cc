import { throwIfAborted } from '@tab/core'
import type { PredictSpec } from '@tab/pipeline'
import { predict, type ImageResult } from '@tab/pipeline/node'
import { heatmapFile } from '@tab/report/node'
import { Command, InvalidArgumentError, Option } from 'commander'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { resultPrinter, type ResultPrinter } from '../terminal/image-results-text.ts'
import { judgedStatus, judgedText } from '../terminal/judged-text.ts'
import { drained, outputFailure } from '../terminal/output-failure.ts'
import { runTask } from '../terminal/run-task.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { offlineOption, wholeNumber } from './options.ts'
import { pixels, SMALLEST_DEFECT_HELP } from './picture-options.ts'

interface PredictFlags {
  readonly model: string
  readonly backbone?: string
  readonly threshold?: number
  readonly smallestDefect?: number
  readonly heatmaps?: string
  readonly batchSize?: number
  readonly json: boolean
  readonly csv: boolean
  readonly overwrite: boolean
  readonly watch: boolean
  readonly watchNewOnly: boolean
  readonly settle: number
  readonly skipUnreadable: boolean
}

const SETTLE = 10_000

/** `tab predict`: score images with a detector that `tab fit` wrote; the exit status says how they were judged. */
export function predictCommand(terminal: Terminal, setStatus: (status: ExitStatus) => void): Command {
  const command = new Command('predict')
  return command
    .description(
      'Score images with a fitted detector. Exit status 2 when one of them is anomalous, 3 when one was not judged.',
    )
    .argument('<inputs...>', 'image files, folders (all images below) or patterns such as "line/*.png"')
    .requiredOption('--model <file>', 'detector of tab fit')
    .option('--backbone <path>', 'the backbone it was fitted with, path or hub id (default: where it was then)')
    .option('--threshold <score>', 'instead of the one in the file: a score above is anomalous', anyNumber)
    .option('--smallest-defect <px>', SMALLEST_DEFECT_HELP, pixels)
    .addOption(new Option('--json', 'a line of JSON an image').default(false).conflicts('csv'))
    .option('--csv', 'comma-separated values', false)
    .option('--heatmaps <dir>', 'folder for a picture of each image with its anomaly map; never one of the inputs')
    .option('--overwrite', 'replace heatmaps of earlier runs (default: later ones of a name get a number)', false)
    .option('--batch-size <n>', 'images per step (default: 8, fewer for images above 448 px)', wholeNumber(1))
    .option('--watch', 'score what is there, then whatever comes or changes, until stopped', false)
    .addOption(
      new Option('--watch-new-only', 'as --watch, without what is there').default(false).implies({ watch: true }),
    )
    .option(
      '--settle <ms>',
      'with --watch: an image that cannot be read, unchanged for so long, is given up',
      wholeNumber(0),
      SETTLE,
    )
    .addOption(offlineOption())
    .option('--skip-unreadable', 'go on after images that cannot be read: they are named, and not judged', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab predict --model screw.safetensors --json line/today\n\n' +
        'Exit status: 0 all judged and good, 2 at least one anomalous, 3 none anomalous but something not judged (no threshold,\n' +
        'images left out, a watched folder that was gone), 1 failed, 64 wrong usage, 70 a defect of tab, 130 stopped by ctrl-C\n' +
        '(which ends --watch with 0, 2 or 3), 141 the reader of the output went away.',
    )
    .action(async (inputs: string[], flags: PredictFlags) => {
      if (!flags.watch && command.getOptionValueSource('settle') === 'cli')
        command.error('error: --settle needs --watch')
      if (flags.overwrite && flags.heatmaps === undefined && command.getOptionValueSource('overwrite') === 'cli') {
        command.error('error: --overwrite needs --heatmaps <dir>')
      }
      setStatus(await runPredict(inputs, flags, terminal))
    })
}

async function runPredict(inputs: readonly string[], flags: PredictFlags, terminal: Terminal): Promise<ExitStatus> {
  const { stdout, stderr, signal } = terminal
  const { json, csv, watch, watchNewOnly, ...rest } = flags
  const { model, backbone, threshold, smallestDefect, heatmaps, overwrite, batchSize, settle, skipUnreadable } = rest
  const spec: PredictSpec = {
    ...{ inputs, model, backbone, threshold, smallestDefect, heatmaps, overwrite, batchSize, settle, skipUnreadable },
    watch: watchNewOnly ? 'new' : watch ? 'all' : undefined,
  }
  let printer: ResultPrinter | undefined
  const opened = (): ResultPrinter =>
    (printer ??= resultPrinter(json ? 'json' : csv ? 'csv' : watch ? 'lines' : 'table', stdout))
  const warned = new Set<string>()
  const onResult = async (result: ImageResult): Promise<void> => {
    for (const warning of result.warnings ?? []) {
      if (!warned.has(warning)) stderr.write(`warning: ${warning}\n`)
      warned.add(warning)
    }
    opened().print(result)
    if (result.error !== undefined)
      stderr.write(`${result.path} was not judged: ${result.error.replace(/\s*\n\s*/g, '; ')}\n`)
    await drained(stdout)
  }
  const onWatching = (): void => void stderr.write(`watching ${inputs.join(', ')}; ctrl-C ends it\n`)
  const result = await runTask(terminal, ({ onNote, ...task }) =>
    predict(spec, {
      ...task,
      ...{ drawHeatmap: heatmapFile, onResult, onWatching },
      // A reader that went away is told nothing.
      onNote: (note) => void (outputFailure(signal) ?? onNote(note)),
    }),
  )
  if (outputFailure(signal)) throwIfAborted('tab predict', signal) // ctrl-C ends a watch, and this does not
  opened().end()
  stderr.write(`${judgedText(result)}\n`)
  const status = judgedStatus(result)
  return result.missed && status === EXIT.ok ? EXIT.notJudged : status
}

function anyNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError(`expected a number, got "${text}"`)
}
