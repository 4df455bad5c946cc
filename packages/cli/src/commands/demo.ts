import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { patchCore } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { PART_KINDS } from '@tab/data'
import { openDataset, writeSyntheticDataset } from '@tab/data/node'
import { Command } from 'commander'
import { evaluate } from '../evaluation/evaluate.ts'
import type { EvaluationResults } from '../evaluation/results.ts'
import { writeAtomically } from '../files/write-atomically.ts'
import { describeRun } from '../report/describe-run.ts'
import { renderReport } from '../report/render-report.tsx'
import type { ReportRun } from '../report/report-data.ts'
import { randomExtractor } from '../setup/load-extractor.ts'
import { metricTableText } from '../terminal/metric-table-text.ts'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { VERSION } from '../version.ts'
import { wholeNumber } from './options.ts'

const NOTE =
  'The backbone is a ResNet-18 with random weights: it has never seen an image. The figures show that the whole path ' +
  'works, not what trained features reach. The parts and their defects are drawn by a program.'

const LAYERS = ['layer2', 'layer3']
const SIZE = [192, 192] as const

/** `tab demo`: the whole path on generated parts, with nothing to download. */
export function demoCommand(terminal: Terminal): Command {
  return new Command('demo')
    .description('Make synthetic parts, fit PatchCore on a random ResNet-18, print the table and write the report.')
    .option('--output <dir>', 'folder for the images, results.json and report.html; replaced', 'demo-output')
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0), 0)
    .action((flags: { output: string; seed: number }) => runDemo(flags, terminal))
}

async function runDemo({ output, seed }: { output: string; seed: number }, terminal: Terminal): Promise<void> {
  const { stdout, stderr, signal } = terminal
  const { extractor, name: backbone } = await randomExtractor('resnet18', seed, LAYERS)
  const backend = onnxBackend({ ort: await loadOrt() })
  const progress = progressDisplay(stderr)
  const results: Record<string, EvaluationResults> = {}
  const runs: ReportRun[] = []
  stdout.write(`${NOTE}\n`)
  try {
    for (const part of PART_KINDS) {
      const folder = join(output, 'data', part)
      await rm(folder, { recursive: true, force: true })
      await writeSyntheticDataset(folder, {
        part,
        size: SIZE,
        seed,
        train: 24,
        good: 12,
        perDefect: 4,
        signal,
        onProgress: (step) => progress.report({ ...step, phase: `draw ${part}` }),
      })
      const dataset = await openDataset(folder)
      const recipe = patchCore({ extractor, backend, layers: LAYERS, coresetRatio: 0.1, seed })
      const description = {
        dataset: part,
        backbone,
        detector: 'patchcore',
        options: { layers: LAYERS, coresetRatio: 0.1, seed },
      }
      const evaluation = await evaluate(
        { dataset, recipe, size: SIZE, batchSize: 8, skipUnreadable: false, description },
        { signal, onProgress: (step) => progress.report({ ...step, phase: `${step.phase} ${part}` }) },
      )
      progress.stop()
      results[part] = evaluation.results
      stdout.write(`\n${metricTableText(`${part}: PatchCore, ${backbone}`, evaluation.results)}`)
      runs.push(await describeRun(part, evaluation))
    }
  } finally {
    progress.stop()
    extractor.dispose()
  }
  const report = join(output, 'report.html')
  const page = {
    title: 'TAB demo: PatchCore on synthetic parts',
    note: NOTE,
    runs,
    colophon: `Made by tab ${VERSION}, seed ${seed}`,
  }
  await writeAtomically(report, renderReport(page))
  await writeAtomically(join(output, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  stdout.write(`\nreport: ${resolve(report)}\n`)
}
