import { isTabError } from '@tab/core'
import { Command, InvalidArgumentError, Option } from 'commander'
import { findImages } from '../detection/find-images.ts'
import { openDetector } from '../detection/open-detector.ts'
import { pictureNames, predictImages } from '../detection/predict-images.ts'
import { watchFolders } from '../detection/watch-folders.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { resultPrinter } from '../terminal/image-results-text.ts'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { wholeNumber } from './options.ts'

interface PredictFlags {
  readonly model: string
  readonly backbone?: string
  readonly threshold?: number
  readonly heatmaps?: string
  readonly batchSize: number
  readonly json: boolean
  readonly csv: boolean
  readonly watch: boolean
  readonly skipUnreadable: boolean
}

/** `tab predict`: score images with a detector that `tab fit` wrote; the exit status says whether one is anomalous. */
export function predictCommand(terminal: Terminal, setStatus: (status: ExitStatus) => void): Command {
  return new Command('predict')
    .description('Score images with a fitted detector. Exit status 2 when one of them is anomalous.')
    .argument('<inputs...>', 'image files, folders (all images below) or patterns such as "line/*.png"')
    .requiredOption('--model <file>', 'detector of tab fit')
    .option('--backbone <path>', 'the backbone it was fitted with, path or hub id (default: where it was then)')
    .option('--threshold <score>', 'instead of the one in the file: a score above is anomalous', anyNumber)
    .addOption(new Option('--json', 'a line of JSON an image').default(false).conflicts('csv'))
    .option('--csv', 'comma-separated values', false)
    .option('--heatmaps <dir>', 'folder for a picture of each image with its anomaly map')
    .option('--batch-size <n>', 'images a step', wholeNumber(1), 8)
    .option('--watch', 'go on with images that come into the folders, until stopped', false)
    .option('--skip-unreadable', 'leave out images that cannot be read, and name them', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab predict --model screw.safetensors --json line/today\n\n' +
        'Exit status: 0 all good, 2 at least one anomalous, 1 failed, 64 wrong usage, 130 stopped by ctrl-C\n(which is how --watch ends as if there were no more images).',
    )
    .action(async (inputs: string[], flags: PredictFlags) => {
      const anomalous = await runPredict(inputs, flags, terminal)
      if (anomalous) setStatus(EXIT.anomalous)
    })
}

/** Whether an image was anomalous. */
async function runPredict(inputs: readonly string[], flags: PredictFlags, terminal: Terminal): Promise<boolean> {
  const { stdout, stderr, signal } = terminal
  const { files, folders } = await findImages(inputs, flags.watch)
  const progress = progressDisplay(stderr)
  const detector = await openDetector(flags.model, flags.backbone, { signal, onProgress: progress.report }).finally(
    progress.stop,
  )
  let anomalous = false
  try {
    const format = flags.json ? 'json' : flags.csv ? 'csv' : flags.watch ? 'lines' : 'table'
    const printer = resultPrinter(format, stdout)
    const options = {
      batchSize: flags.batchSize,
      signal,
      threshold: flags.threshold,
      heatmapFile: flags.heatmaps === undefined ? undefined : pictureNames(flags.heatmaps),
      onUnreadable:
        flags.skipUnreadable || flags.watch
          ? (path: string) => void stderr.write(`${path} cannot be read, left out\n`)
          : undefined,
    }
    const predict = async (some: readonly string[]): Promise<void> => {
      let done = 0
      for await (const result of predictImages(detector, some, options)) {
        if (result.anomalous) anomalous = true
        printer.print(result)
        if (!flags.watch) progress.report({ phase: 'predict', done: ++done, total: some.length })
      }
    }
    if (!flags.watch) {
      await predict(files)
      progress.stop()
    } else {
      const watched = await watchFolders(folders, signal)
      try {
        const before = (await findImages(inputs, true)).files // with those that came until the watch began
        const seen = new Set(before)
        await predict(before)
        stderr.write(`watching ${folders.join(', ')}; ctrl-C ends it\n`)
        for (let came = await watched.next(); !signal.aborted; came = await watched.next()) {
          await predict(came.filter((path) => !seen.has(path)))
        }
      } catch (error) {
        if (!isTabError(error, 'ABORTED')) throw error // ctrl-C is how a watch ends
      } finally {
        await watched.close()
      }
    }
    printer.end()
    return anomalous
  } finally {
    progress.stop()
    detector.dispose()
  }
}

function anyNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError(`expected a number, got "${text}"`)
}
