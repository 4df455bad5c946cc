import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import type { BenchmarkConfig, BenchmarkSpec } from '@tab/pipeline'
import { benchmark, checkConfig, readConfig, type BenchmarkResult, type BenchmarkTask } from '@tab/pipeline/node'
import { cellText, isFailure, type CellRow } from '@tab/pipeline/results'
import { benchmarkFiles } from '@tab/report'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { runTask } from '../terminal/run-task.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { jobsPackage } from './own-package.ts'
import { namedWeights } from './named-weights.ts'
import { imageSize, nameList, offlineOption, shotsList, wholeNumber, wholeNumberList } from './options.ts'
import { writableFolder } from './writable-folder.ts'

interface BenchmarkFlags {
  readonly config?: string
  readonly data?: readonly string[]
  readonly backbone?: readonly string[]
  readonly detector?: readonly string[]
  readonly shots?: readonly (number | 'full')[]
  readonly seeds?: readonly number[]
  readonly imageSize?: readonly [number, number]
  readonly output: string
  readonly cache: string | boolean
  readonly jobs: number
  readonly threads: number
  readonly retryFailed: boolean
  readonly jobsUrl?: string
  readonly store?: string
  readonly tag?: string
  readonly json: boolean
}

/** `tab benchmark`: data sets x backbones x detectors x shots x seeds, to tables that can be published. */
export function benchmarkCommand(terminal: Terminal, setStatus: (status: ExitStatus) => void): Command {
  return new Command('benchmark')
    .description(
      'Compare backbones and detectors on data sets, over numbers of normal images and seeds. Resumes where it was stopped.',
    )
    .option('--config <file>', 'what is compared, as YAML or JSON; flags go before it')
    .option('--data <dirs...>', 'data sets')
    .option('--backbone <paths...>', 'weights, as PATH or NAME=PATH; the first is what the others are compared with')
    .option('--detector <names>', 'patchcore, padim or subspace, or several with commas between', nameList)
    .option('--shots <counts>', 'numbers of normal images, such as 1,5,10,full', shotsList)
    .option('--seeds <numbers>', 'such as 0,1,2', wholeNumberList)
    .option('--image-size <size>', 'pixels, SIDE or HEIGHTxWIDTH', imageSize)
    .option('--output <dir>', 'folder for results.jsonl, the tables and report.html', 'tab-benchmark')
    .option('--cache <dir>', 'folder for features (default: in the output folder)', true)
    .option('--no-cache', 'keep no features')
    .option('--jobs <n>', 'cells at a time', wholeNumber(1), 1)
    .option('--threads <n>', 'threads of ONNX Runtime, all cells together', wholeNumber(1), availableParallelism())
    .addOption(offlineOption())
    .option('--retry-failed', 'try cells again that could not be computed before', false)
    .option('--jobs-url <url>', 'let workers compute: postgres://USER@HOST/DATABASE, or a folder to work off here')
    .option('--store <dir>', 'with --jobs-url: folder of results that all workers reach (default: jobs in --output)')
    .option('--tag <name>', 'with --jobs-url: only for workers with this tag')
    .option('--json', 'print the figures and the comparisons of backbones as JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab benchmark --data mvtec/screw --backbone ImageNet=resnet18.safetensors TAB=screw-grid --shots 5,10,full --seeds 0,1,2\n\n' +
        'Exit status: 0 every cell was computed, 3 some could not be (the tables say why), 1 failed, 64 wrong usage,\n130 stopped by ctrl-C.',
    )
    .action(async (flags: BenchmarkFlags) => {
      const status = await runBenchmark(flags, terminal)
      if (status !== EXIT.ok) setStatus(status)
    })
}

async function runBenchmark(flags: BenchmarkFlags, terminal: Terminal): Promise<ExitStatus> {
  const { stdout, stderr } = terminal
  const { output, jobs, threads, retryFailed, json } = flags
  const cache = flags.cache === true ? undefined : (flags.cache as string | false)
  const spec = { ...(await configOf(flags)), output, cache, jobs, threads, retryFailed }
  const { rows, comparisons, failed, total, tables, folder } = await runTask(terminal, (task) => {
    const whole = {
      ...task,
      drawTables: benchmarkFiles,
      onRow: (row: CellRow) => stderr.isTTY || stderr.write(rowText(row)),
    }
    return flags.jobsUrl === undefined
      ? benchmark(spec, whole)
      : byJobs(spec, whole, { ...flags, jobsUrl: flags.jobsUrl })
  })
  const report = join(folder, 'report.html')
  const failures = failed.map(({ name, error }) => ({ name, ...error }))
  const told = { rows, comparisons, failed: failures, report }
  stdout.write(json ? `${JSON.stringify(told, null, 2)}\n` : (tables['table.md'] as string))
  stderr.write(`tables: ${folder}\nreport: ${report}\n`)
  if (failures.length === 0) return EXIT.ok
  stderr.write(`${failures.length} of ${total} cells could not be computed: ${failures[0]?.message}\n`)
  return failures.length === total ? EXIT.failure : EXIT.notJudged
}

/** The cells are computed by workers, or by this process where the queue is a folder. */
async function byJobs(
  spec: BenchmarkSpec,
  task: BenchmarkTask,
  { jobsUrl, store, tag, jobs, threads }: BenchmarkFlags & { readonly jobsUrl: string },
): Promise<BenchmarkResult> {
  if (store !== undefined) await writableFolder('spec.store', store)
  const { openQueue, computeByJobs } = await jobsPackage('tab benchmark --jobs-url')
  const queue = await openQueue({ jobsUrl, role: 'client' })
  try {
    const options = { store: store ?? join(spec.output, 'jobs'), tag, here: { slots: jobs, threads } }
    return await benchmark(spec, { ...task, computeCells: computeByJobs(queue, options) })
  } finally {
    await queue.close()
  }
}

/** A result as a line, where no bar says it all. */
function rowText(row: CellRow): string {
  const found = isFailure(row)
    ? `failed: ${row.error.message}`
    : `image AUROC ${row.metrics.imageAuroc?.toFixed(4) ?? 'undefined'}`
  return `${cellText(row.name)}: ${found}\n`
}

/** The config file with what flags say in its place. */
async function configOf(flags: BenchmarkFlags): Promise<BenchmarkConfig> {
  const file = flags.config === undefined ? undefined : await readConfig(flags.config)
  const given = {
    datasets: flags.data?.map((path) => ({ path: resolve(path) })),
    backbones: flags.backbone?.map(namedWeights),
    detectors: flags.detector?.map((method) => ({ method })),
    shots: flags.shots,
    seeds: flags.seeds,
    imageSize: flags.imageSize,
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const value =
    typeof file?.value === 'object' && file.value !== null ? { ...file.value, ...set } : (file?.value ?? set)
  return checkConfig(flags.config ?? 'tab benchmark', value, file?.folder ?? '.')
}
