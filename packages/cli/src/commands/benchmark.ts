import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { checkConfig, readConfig, type BenchmarkConfig } from '../benchmark/config.ts'
import { isFailure } from '../benchmark/cell-result.ts'
import { claimBenchmark } from '../benchmark/claim-benchmark.ts'
import { cellText } from '../benchmark/cells.ts'
import { runBenchmark } from '../benchmark/run-benchmark.ts'
import { writeTables } from '../benchmark/write-tables.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { namedWeights } from '../setup/named-weights.ts'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { imageSize, nameList, offlineOption, shotsList, wholeNumber, wholeNumberList } from './options.ts'

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
    .option('--detector <names>', 'patchcore, padim, or both with a comma between', nameList)
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
    .option('--json', 'print the figures and the comparisons of backbones as JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab benchmark --data mvtec/screw --backbone ImageNet=resnet18.safetensors TAB=screw-grid --shots 5,10,full --seeds 0,1,2\n\n' +
        'Exit status: 0 every cell was computed, 3 some could not be (the tables say why), 1 failed, 64 wrong usage,\n130 stopped by ctrl-C.',
    )
    .action(async (flags: BenchmarkFlags) => {
      const status = await runBenchmarkCommand(flags, terminal)
      if (status !== EXIT.ok) setStatus(status)
    })
}

async function runBenchmarkCommand(flags: BenchmarkFlags, { stdout, stderr, signal }: Terminal): Promise<ExitStatus> {
  const config = await configOf(flags)
  const { output, cache, jobs, threads, retryFailed, json } = flags
  const progress = progressDisplay(stderr)
  const folder = cache === true ? join(output, 'features') : cache === false ? undefined : cache
  await using claim = await claimBenchmark(output, config)
  try {
    const cells = await runBenchmark(
      { config, output, cache: folder, jobs, threads, retryFailed },
      {
        signal,
        onProgress: progress.report,
        onNote: (note) => void stderr.write(`${note}\n`),
        onRow(row) {
          if (stderr.isTTY) return // the bar says it all
          const found = isFailure(row)
            ? `failed: ${row.error.message}`
            : `image AUROC ${row.metrics.imageAuroc?.toFixed(4) ?? 'undefined'}`
          stderr.write(`${cellText(row.name)}: ${found}\n`)
        },
      },
    )
    const task = { signal, onProgress: progress.report }
    const { rows, comparisons, text } = await writeTables(claim, cells, config.published, task)
    progress.stop()
    const report = resolve(output, 'report.html')
    const failures = cells.filter(isFailure)
    const failed = failures.map(({ name, error }) => ({ name, ...error }))
    stdout.write(json ? `${JSON.stringify({ rows, comparisons, failed, report }, null, 2)}\n` : text)
    stderr.write(`tables: ${resolve(output)}\nreport: ${report}\n`)
    if (failures.length === 0) return EXIT.ok
    stderr.write(`${failures.length} of ${cells.length} cells could not be computed: ${failures[0]?.error.message}\n`)
    return failures.length === cells.length ? EXIT.failure : EXIT.notJudged
  } finally {
    progress.stop()
  }
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
