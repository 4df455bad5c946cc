import { join, resolve } from 'node:path'
import type { LongTaskOptions, Progress } from '@tab/core'
import type { PartKind } from '@tab/data'
import { writeSyntheticDataset } from '@tab/data/node'
import type { DetectorSpec } from '@tab/pipeline'
import { claimOutput, compareOnDataset } from '@tab/pipeline/node'
import type { EvaluationResults, NamedEvaluation } from '@tab/pipeline/results'
import { renderReport, type ReportDataset } from '@tab/report'
import { describeDataset } from '@tab/report/node'
import { Command } from 'commander'
import { metricTableText } from '../terminal/metric-table-text.ts'
import { runTask } from '../terminal/run-task.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { VERSION } from '../version.ts'
import { wholeNumber } from './options.ts'

const NOTE =
  'PatchCore learns each kind of part from a few images of good ones, and scores good and defective ones that it has not seen. Two ' +
  'backbones are compared: the one that @tab/weights brings along, with 5 and with 20 good images, and as a baseline the same network with ' +
  'random weights, which has never seen an image. The backbone was not trained on these four kinds of parts. Image AUROC is the chance that ' +
  'a defective part scores higher than a good one: 0.5 is a coin toss, 1 is perfect. The parts and their defects are drawn by a program; ' +
  'photographs are harder.'

/** Two objects and two textures that the bundled weights have not seen: more would take longer than a first look should. */
const PARTS: readonly PartKind[] = ['washer', 'tablet', 'brushed-metal', 'fabric']
const SIZE = [192, 192] as const
const DETECTOR: DetectorSpec = { method: 'patchcore', layers: ['layer2', 'layer3'] }
const GOOD = 20 // images of each part
const FEW = 5
const BUNDLED = 'tab-resnet18'

/** `tab demo`: the whole path on generated parts, with nothing to download. */
export function demoCommand(terminal: Terminal): Command {
  return new Command('demo')
    .description(
      'Draw parts and defects, fit PatchCore on a few good ones with the bundled backbone and with random weights, write the report.',
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
  await using claim = await claimOutput(output, ['data/', 'results.json', 'report.html'], overwrite)
  const say = (text: string): void => void (json || stdout.write(text))
  say(`${NOTE}\n`)
  const results: Record<string, EvaluationResults> = {}
  const datasets = await runTask(terminal, async ({ signal, onProgress }, progress) => {
    await claim.fill((workplace) => drawParts(join(workplace, 'data'), seed, { signal, onProgress }))
    const bundled = { name: BUNDLED, weights: BUNDLED }
    const random = { name: 'random weights', random: 'resnet18' } as const
    const described: ReportDataset[] = []
    for (const part of PARTS) {
      const spec = { data: join(output, 'data', part), detector: DETECTOR, imageSize: SIZE, seed }
      const task = { signal, onProgress: (step: Progress) => onProgress({ ...step, phase: `${step.phase} ${part}` }) }
      using few = await compareOnDataset({ ...spec, shots: FEW, backbones: [bundled] }, task)
      using all = await compareOnDataset({ ...spec, backbones: [bundled, random] }, task)
      progress.stop()
      const names = [BUNDLED, BUNDLED, random.name]
      const runs = [...few.runs, ...all.runs].map((run, which): NamedEvaluation => {
        const { normals } = run.evaluation.results.run
        return { ...run, title: `${names[which] ?? ''}, ${normals} good images` }
      })
      for (const { title, evaluation } of runs) {
        results[`${part}: ${title}`] = evaluation.results
        say(`\n${metricTableText(`${part}: PatchCore, ${title}`, evaluation.results)}`)
      }
      described.push(await describeDataset(part, runs, { signal, onProgress }))
      progress.stop()
    }
    return described
  })
  const colophon = `Made by tab ${VERSION}, seed ${seed}`
  const page = { title: 'TAB demo: four kinds of parts, a few good images of each', note: NOTE, datasets, colophon }
  const text = `${JSON.stringify(results, null, 2)}\n`
  await claim.publish({ 'report.html': renderReport(page), 'results.json': text })
  const next = 'To teach parts of your own in the browser: tab studio'
  stdout.write(json ? text : `\nreport: ${resolve(join(output, 'report.html'))}\n${next}\n`)
}

/** Draws a data set of each kind of part, in a folder each. */
async function drawParts(root: string, seed: number, { signal, onProgress }: LongTaskOptions): Promise<void> {
  for (const part of PARTS) {
    await writeSyntheticDataset(join(root, part), {
      ...{ part, size: SIZE, seed, train: GOOD, good: 12, perDefect: 4, signal },
      onProgress: (step) => onProgress?.({ ...step, phase: `draw ${part}` }),
    })
  }
}
