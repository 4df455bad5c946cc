import { dirname } from 'node:path'
import { isTabError, TabError, throwIfAborted } from '@tab/core'
import { heatmapFile } from '@tab/report/node'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Inspector } from '@tab/pipeline'
import {
  findImages,
  inputFolder,
  isWithin,
  notScored,
  openInspector,
  openPictureFolder,
  predictImages,
  realPlace,
  watchImages,
  watchSources,
  type ImageResult,
  type ImageWatch,
  type NodeImage,
  type PictureFolder,
  type PredictImagesOptions,
} from '@tab/pipeline/node'
import { counted, judgedStatus, judgedText, NONE_JUDGED } from '../terminal/judged-counts.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { resultPrinter } from '../terminal/image-results-text.ts'
import { drained, outputFailure } from '../terminal/output-failure.ts'
import { progressDisplay } from '../terminal/progress.ts'
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
  const { files, leftOut } = flags.watch ? { files: [], leftOut: [] } : await findImages(inputs)
  await using folder = await heatmapFolder(inputs, files, flags)
  const heatmaps = folder && { folder, draw: heatmapFile }
  const isOurs = await withinHeatmaps(flags.heatmaps)
  // Before the detector is opened, which takes seconds: what comes or goes meanwhile is seen.
  const watched = flags.watch ? await startWatch(inputs, isOurs, flags, terminal) : undefined
  const progress = progressDisplay(stderr)
  const { model, backbone, threshold: given, smallestDefect } = flags
  const opening = openInspector({
    ...{ model, backbone, threshold: given, smallestDefect },
    ...{ signal, onProgress: progress.report },
  })
  const inspector = await opening.finally(progress.stop)
  try {
    const { threshold } = inspector
    let counts = NONE_JUDGED
    const printer = resultPrinter(flags.json ? 'json' : flags.csv ? 'csv' : flags.watch ? 'lines' : 'table', stdout)
    const warned = new Set<string>()
    const say = async (result: ImageResult): Promise<void> => {
      for (const warning of result.warnings ?? []) {
        if (!warned.has(warning)) stderr.write(`warning: ${warning}\n`)
        warned.add(warning)
      }
      counts = counted(counts, result)
      printer.print(result)
      if (result.error !== undefined)
        stderr.write(`${result.path} was not judged: ${result.error.replace(/\s*\n\s*/g, '; ')}\n`)
      await drained(stdout)
    }
    const { batchSize, skipUnreadable } = flags
    const options = { ...(batchSize === undefined ? {} : { batchSize }), signal, heatmaps, skipUnreadable }
    let missed = false
    if (watched) {
      stderr.write(`watching ${inputs.join(', ')}; ctrl-C ends it\n`)
      missed = await scoreWatched(inspector, watched, options, terminal, say)
    } else {
      const own = await Promise.all(files.map(isOurs))
      const some = files.filter((_, index) => !own[index])
      if (some.length < files.length) {
        stderr.write(`${files.length - some.length} heatmaps in ${flags.heatmaps} were left out\n`)
      }
      for (const { path, reason } of leftOut) await say(notScored(path, reason, threshold))
      let done = 0
      for await (const result of predictImages(inspector, some, options)) {
        await say(result)
        progress.report({ phase: 'predict', done: ++done, total: some.length })
      }
      progress.stop()
    }
    printer.end()
    const { good, anomalous, unjudged, failed } = counts
    if (!flags.watch && good + anomalous + unjudged === 0) {
      const actual = failed > 0 ? `none that can be read of ${failed}` : 'none'
      throw new TabError('INVALID_DATA', { where: 'tab predict', expected: `images in ${inputs.join(', ')}`, actual })
    }
    stderr.write(`${judgedText(counts)}\n`)
    const status = judgedStatus(counts)
    return missed && status === EXIT.ok ? EXIT.notJudged : status
  } finally {
    progress.stop()
    inspector.dispose()
  }
}

async function startWatch(
  inputs: readonly string[],
  isExcluded: (path: string) => Promise<boolean>,
  { settle, watchNewOnly: newOnly }: PredictFlags,
  { stderr, signal }: Terminal,
): Promise<ImageWatch> {
  const onNote = (note: string): void => void stderr.write(`${note}\n`)
  return watchImages(await watchSources(inputs), { settle, newOnly, isExcluded, signal, onNote })
}

/**
 * Scores what comes until the signal fires.
 * @returns whether images may have passed unseen, or were there and not scored
 */
async function scoreWatched(
  inspector: Inspector<NodeImage>,
  watched: ImageWatch,
  options: PredictImagesOptions,
  { stderr, signal }: Terminal,
  say: (result: ImageResult) => Promise<void>,
): Promise<boolean> {
  try {
    for (;;) {
      const some = await watched.next(4 * (options.batchSize ?? 8))
      if (some.length === 0) break
      for (const { path, reason } of some) {
        if (reason !== undefined && watched.failed(path)) await say(notScored(path, reason, inspector.threshold))
      }
      const paths = some.filter(({ reason }) => reason === undefined).map(({ path }) => path)
      for await (const result of predictImages(inspector, paths, {
        ...options,
        skipUnreadable: true,
        isCurrent: watched.isCurrent,
      })) {
        if (result.error === undefined) watched.scored(result.path)
        else if (!watched.failed(result.path)) continue
        await say(result)
      }
    }
  } catch (error) {
    if (!isTabError(error, 'ABORTED')) throw error // ctrl-C is how a watch ends
  }
  if (outputFailure(signal)) throwIfAborted('tab predict', signal) // and this is not
  const waiting = await watched.waiting()
  if (waiting.length > 0) {
    stderr.write(`${waiting.length} not judged, as the watch was stopped before: ${shortList(waiting)}\n`)
  }
  return watched.missed || waiting.length > 0
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown
}

/** The folder of `--heatmaps`, held for this run. */
async function heatmapFolder(
  inputs: readonly string[],
  files: readonly string[],
  { heatmaps, overwrite }: PredictFlags,
): Promise<PictureFolder | undefined> {
  if (heatmaps === undefined) return undefined
  const reads = await Promise.all(inputs.map(inputFolder))
  return openPictureFolder(heatmaps, { overwrite, reads, files })
}

/** Whether a file lies in the folder of heatmaps, which may be below an input. */
async function withinHeatmaps(heatmaps: string | undefined): Promise<(path: string) => Promise<boolean>> {
  if (heatmaps === undefined) return async () => false
  const place = await realPlace(heatmaps)
  const folders = new Map<string, boolean>()
  return async (path) => {
    const folder = dirname(path)
    const known = folders.get(folder) ?? isWithin(await realPlace(folder), place)
    folders.set(folder, known)
    return known
  }
}

function anyNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError(`expected a number, got "${text}"`)
}
