import { join, resolve } from 'node:path'
import { patchCore } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { PART_KINDS } from '@tab/data'
import { openDataset, writeSyntheticDataset } from '@tab/data/node'
import { PRETRAIN_PRESETS, type PretrainSettings } from '@tab/model/training'
import { Command } from 'commander'
import { evaluate } from '../evaluation/evaluate.ts'
import type { EvaluationResults } from '../evaluation/results.ts'
import { claimOutput } from '../files/claim-output.ts'
import { pretrainToFolder } from '../pretraining/pretrain-to-folder.ts'
import { describeDataset, type NamedEvaluation } from '../report/describe-dataset.ts'
import { renderReport } from '../report/render-report.tsx'
import type { ReportDataset } from '../report/report-data.ts'
import { loadExtractor, randomExtractor, type NamedExtractor } from '../setup/load-extractor.ts'
import { RECIPE } from '../synthesis/kinds.ts'
import { metricTableText } from '../terminal/metric-table-text.ts'
import { progressDisplay, type ProgressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { VERSION } from '../version.ts'
import { wholeNumber } from './options.ts'

const NOTE =
  'Two backbones are compared: a ResNet-18 with random weights, which has never seen an image, and the same one after a ' +
  'pre-training of about a minute on the good parts and anomalies made from them, by settings found on these very parts. ' +
  'Its texts were embedded by the lexical encoder, which knows words but no meaning, not by CLIP. The figures show that ' +
  'the whole path works, not what features trained from ImageNet weights reach. The parts and their defects are drawn by ' +
  'a program.'

const LAYERS = ['layer2', 'layer3']
const SIZE = [192, 192] as const

/** Small enough for a laptop without a GPU. Of the few settings tried on these parts, those with the best image scores. */
const SETTINGS: PretrainSettings = {
  ...PRETRAIN_PRESETS.tab,
  imageSize: 96,
  steps: 30,
  pairs: 6,
  classesPerStep: 2,
  trainableStages: ['layer1', 'layer2', 'layer3'],
  losses: { ...PRETRAIN_PRESETS.tab.losses, patchAlignment: 4 },
}

/** `tab demo`: the whole path on generated parts, with nothing to download. */
export function demoCommand(terminal: Terminal): Command {
  return new Command('demo')
    .description(
      'Make synthetic parts, pre-train a small backbone, compare PatchCore with and without it, write the report.',
    )
    .option('--output <dir>', 'folder for the images, results.json and report.html', 'demo-output')
    .option('--overwrite', 'replace an earlier result in the output folder', false)
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0), 0)
    .option('--json', 'print results.json instead of the tables', false)
    .addHelpText('after', '\nExample:\n  tab demo --output demo-output')
    .action((flags: DemoFlags) => runDemo(flags, terminal))
}

interface DemoFlags {
  readonly output: string
  readonly seed: number
  readonly overwrite: boolean
  readonly json: boolean
}

async function runDemo({ output, seed, overwrite, json }: DemoFlags, terminal: Terminal): Promise<void> {
  const { stdout, stderr, signal } = terminal
  await using claim = await claimOutput(output, ['data/', 'pretrained/', 'results.json', 'report.html'], overwrite)
  const say = (text: string): void => void (json || stdout.write(text))
  const progress = progressDisplay(stderr)
  const results: Record<string, EvaluationResults> = {}
  const datasets: ReportDataset[] = []
  const extractors: NamedExtractor[] = []
  const backend = onnxBackend({ ort: await loadOrt() })
  say(`${NOTE}\n`)
  try {
    await claim.fill((workplace) => drawParts(join(workplace, 'data'), seed, signal, progress))
    const folders = PART_KINDS.map((part) => join(output, 'data', part))
    const pretrained = join(output, 'pretrained')
    await pretrainToFolder(
      {
        data: folders,
        init: 'random',
        architecture: 'resnet18',
        settings: SETTINGS,
        textModel: 'lexical',
        anomalies: RECIPE,
        engine: 'wasm',
        workers: 1,
        seed,
        output: pretrained,
        resume: false,
        overwrite,
      },
      { signal, onProgress: progress.report, onNote: () => undefined },
    )
    extractors.push(await randomExtractor('resnet18', seed, LAYERS))
    extractors.push({ ...(await loadExtractor(pretrained, LAYERS)), name: 'resnet18, pre-trained here' })
    for (const [index, folder] of folders.entries()) {
      const dataset = await openDataset(folder)
      const part = PART_KINDS[index] as string
      const runs: NamedEvaluation[] = []
      for (const [which, { extractor, name: backbone }] of extractors.entries()) {
        const title = which === 0 ? 'untrained' : 'pre-trained'
        const options = { layers: LAYERS, coresetRatio: 0.1, seed }
        const recipe = patchCore({ extractor, backend, ...options })
        const description = { dataset: part, backbone, detector: 'patchcore', options }
        const evaluation = await evaluate(
          { dataset, recipe, size: SIZE, batchSize: 8, skipUnreadable: false, description },
          { signal, onProgress: (step) => progress.report({ ...step, phase: `${step.phase} ${part}` }) },
        )
        evaluation.dispose()
        progress.stop()
        results[`${part}, ${title}`] = evaluation.results
        say(`\n${metricTableText(`${part}: PatchCore, ${backbone}`, evaluation.results)}`)
        runs.push({ title, evaluation })
      }
      datasets.push(await describeDataset(part, runs, { signal, onProgress: progress.report }))
      progress.stop()
    }
  } finally {
    progress.stop()
    for (const { extractor } of extractors) extractor.dispose()
    backend.dispose()
  }
  const report = join(output, 'report.html')
  const page = {
    title: 'TAB demo: PatchCore on synthetic parts',
    note: NOTE,
    datasets,
    colophon: `Made by tab ${VERSION}, seed ${seed}`,
  }
  const text = `${JSON.stringify(results, null, 2)}\n`
  await claim.publish({ 'report.html': renderReport(page), 'results.json': text })
  if (json) stdout.write(text)
  else stdout.write(`\nreport: ${resolve(report)}\n`)
}

/** Draws a data set of each kind of part, in a folder each. */
async function drawParts(root: string, seed: number, signal: AbortSignal, progress: ProgressDisplay): Promise<void> {
  for (const part of PART_KINDS) {
    await writeSyntheticDataset(join(root, part), {
      part,
      size: SIZE,
      seed,
      train: 24,
      good: 12,
      perDefect: 4,
      signal,
      onProgress: (step) => progress.report({ ...step, phase: `draw ${part}` }),
    })
  }
}
