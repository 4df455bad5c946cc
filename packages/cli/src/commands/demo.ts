import { join, resolve } from 'node:path'
import type { LongTaskOptions, Progress } from '@tab/core'
import type { PartKind } from '@tab/data'
import { writeSyntheticDataset } from '@tab/data/node'
import type { ComparisonSpec, DetectorSpec, PretrainSpec } from '@tab/pipeline'
import { claimOutput, compareOnDataset, pretrain } from '@tab/pipeline/node'
import type { EvaluationResults } from '@tab/pipeline/results'
import { curvesPage, renderReport, type ReportDataset } from '@tab/report'
import { describeDataset } from '@tab/report/node'
import { Command } from 'commander'
import { metricTableText } from '../terminal/metric-table-text.ts'
import { runTask } from '../terminal/run-task.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { VERSION } from '../version.ts'
import { wholeNumber } from './options.ts'

const NOTE =
  'Two backbones are compared: a ResNet-18 with random weights, which has never seen an image, and the same one after a ' +
  'pre-training of about a minute on the good parts and anomalies made from them, by settings found on these very parts. ' +
  'Its texts were embedded by the lexical encoder, which knows words but no meaning, not by CLIP. The figures show that ' +
  'the whole path works, not what features trained from ImageNet weights reach. The parts and their defects are drawn by ' +
  'a program.'

/** Two objects and two textures: more would take longer than a first look should. */
const PARTS: readonly PartKind[] = ['washer', 'tablet', 'brushed-metal', 'fabric']
const SIZE = [192, 192] as const
const DETECTOR: DetectorSpec = { method: 'patchcore', layers: ['layer2', 'layer3'], coresetRatio: 0.1 }

/** Small enough for a laptop without a GPU. Of the few settings tried on these parts, those with the best image scores. */
const PRETRAINING: Omit<PretrainSpec, 'data' | 'output'> = {
  architecture: 'resnet18',
  engine: 'wasm',
  settings: {
    ...{ imageSize: 96, steps: 30, pairs: 6, classesPerStep: 2, trainableStages: ['layer1', 'layer2', 'layer3'] },
    losses: { patchAlignment: 4 },
  },
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
  const { stdout } = terminal
  await using claim = await claimOutput(output, ['data/', 'pretrained/', 'results.json', 'report.html'], overwrite)
  const say = (text: string): void => void (json || stdout.write(text))
  say(`${NOTE}\n`)
  const results: Record<string, EvaluationResults> = {}
  const datasets = await runTask(terminal, async ({ signal, onProgress, madeBy }, progress) => {
    const task = { signal, onProgress, madeBy }
    await claim.fill((workplace) => drawParts(join(workplace, 'data'), seed, task))
    const folders = PARTS.map((part) => join(output, 'data', part))
    const weights = join(output, 'pretrained')
    await pretrain(
      { ...PRETRAINING, data: folders, seed, output: weights, overwrite },
      { ...task, drawCurves: curvesPage },
    )
    const backbones = [
      { name: `resnet18, random weights, seed ${seed}`, random: 'resnet18' },
      { name: 'resnet18, pre-trained here', weights },
    ] as const
    const described: ReportDataset[] = []
    for (const [index, data] of folders.entries()) {
      const part = PARTS[index] as string
      const spec: ComparisonSpec = { data, backbones, detector: DETECTOR, imageSize: SIZE, seed }
      const ofPart = (step: Progress): void => onProgress({ ...step, phase: `${step.phase} ${part}` })
      using comparison = await compareOnDataset(spec, { signal, onProgress: ofPart })
      progress.stop()
      const runs = comparison.runs.map((run, which) => ({ ...run, title: which === 0 ? 'untrained' : 'pre-trained' }))
      for (const { title, evaluation } of runs) {
        results[`${part}, ${title}`] = evaluation.results
        say(`\n${metricTableText(`${part}: PatchCore, ${evaluation.results.run.backbone}`, evaluation.results)}`)
      }
      described.push(await describeDataset(part, runs, { signal, onProgress }))
      progress.stop()
    }
    return described
  })
  const colophon = `Made by tab ${VERSION}, seed ${seed}`
  const page = { title: 'TAB demo: PatchCore on synthetic parts', note: NOTE, datasets, colophon }
  const text = `${JSON.stringify(results, null, 2)}\n`
  await claim.publish({ 'report.html': renderReport(page), 'results.json': text })
  stdout.write(json ? text : `\nreport: ${resolve(join(output, 'report.html'))}\n`)
}

/** Draws a data set of each kind of part, in a folder each. */
async function drawParts(root: string, seed: number, { signal, onProgress }: LongTaskOptions): Promise<void> {
  for (const part of PARTS) {
    await writeSyntheticDataset(join(root, part), {
      ...{ part, size: SIZE, seed, train: 24, good: 12, perDefect: 4, signal },
      onProgress: (step) => onProgress?.({ ...step, phase: `draw ${part}` }),
    })
  }
}
