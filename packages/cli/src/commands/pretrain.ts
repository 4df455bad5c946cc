import { join, resolve } from 'node:path'
import type { EngineName } from '@tab/backend-tfjs'
import type { LayoutName } from '@tab/data/node'
import { ARCHITECTURES, type Architecture } from '@tab/model'
import { PRETRAIN_PRESETS, type StepRecord } from '@tab/model/training'
import { Command, Option } from 'commander'
import { pretrainToFolder } from '../pretraining/pretrain-to-folder.ts'
import { settingsFromFlags, type SettingsFlags } from '../pretraining/settings-from-flags.ts'
import { KIND_NAMES, RECIPE } from '../synthesis/kinds.ts'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { layoutOption, nameList, offlineOption, wholeNumber } from './options.ts'

const ENGINES: readonly EngineName[] = ['node-gpu', 'node', 'webgpu', 'wasm', 'cpu']

interface PretrainFlags extends SettingsFlags {
  readonly data: readonly string[]
  readonly layout?: LayoutName
  readonly category?: readonly string[]
  readonly init: string
  readonly architecture?: Architecture
  readonly textModel: string
  readonly anomalies: string
  readonly engine?: EngineName
  readonly threads?: number
  readonly workers: number
  readonly seed: number
  readonly output: string
  readonly resume: boolean
  readonly overwrite: boolean
  readonly json: boolean
}

/** `tab pretrain`: align a backbone with text on normal images and synthetic anomalies. */
export function pretrainCommand(terminal: Terminal): Command {
  return new Command('pretrain')
    .description('Align a backbone with text, on images of good parts and anomalies made from them.')
    .requiredOption('--data <dirs...>', 'data sets; each is a class, or each of its categories')
    .addOption(layoutOption())
    .option('--category <names>', 'only these categories, with commas between', nameList)
    .requiredOption('--output <dir>', 'folder for weights, history and model card')
    .option('--init <weights>', 'to start from: .safetensors, folder of tab pretrain, hub id, or "random"', 'random')
    .addOption(
      new Option('--architecture <name>', 'default: what --init holds, resnet18 for random weights').choices([
        ...ARCHITECTURES,
      ]),
    )
    .addOption(new Option('--preset <name>', 'settings').choices(Object.keys(PRETRAIN_PRESETS)).default('tab'))
    .option('--image-size <n>', 'side in pixels (default: the preset says)', wholeNumber(32))
    .option('--steps <n>', 'optimizer steps (default: the preset says)', wholeNumber(1))
    .option('--batch <n>', 'pairs of a pass (default: the preset says)', wholeNumber(1))
    .option('--accumulate <n>', 'passes of a step, when one does not fit memory (default: 1)', wholeNumber(1))
    .option('--set <name=value...>', 'single settings, such as losses.separation=2 ema=0.99 (see the README)', [])
    .option('--text-model <id>', 'CLIP text model by hub id or folder, or "lexical" (no semantics)', 'lexical')
    .addOption(new Option('--anomalies <kind>', 'what anomalies are made').choices([...KIND_NAMES]).default(RECIPE))
    .addOption(new Option('--engine <name>', 'tfjs engine (default: the best that works)').choices([...ENGINES]))
    .option('--threads <n>', 'threads of the wasm engine', wholeNumber(1))
    .option('--workers <n>', 'threads that make anomalies meanwhile; 0: the main one does', wholeNumber(0), 1)
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0), 0)
    .addOption(offlineOption())
    .option('--resume', 'go on from the checkpoint in the output folder', false)
    .option('--overwrite', 'replace an earlier result in the output folder', false)
    .option('--json', 'print the model card', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab pretrain --data mvtec/screw mvtec/grid --init resnet18.safetensors --steps 200 --output screw-grid',
    )
    .action((flags: PretrainFlags) => runPretrain(flags, terminal))
}

async function runPretrain(flags: PretrainFlags, { stdout, stderr, signal }: Terminal): Promise<void> {
  const progress = progressDisplay(stderr)
  let last = ''
  let judged = ''
  try {
    const card = await pretrainToFolder(
      { ...flags, settings: settingsFromFlags(flags) },
      {
        signal,
        onProgress: (step) => progress.report(step, step.phase === 'pretrain' ? last : undefined),
        onNote: (note) => void stderr.write(`${note}\n`),
        onStep(record) {
          if (record.validation !== undefined) judged = `, validation ${record.validation.toFixed(3)}`
          last = describeStep(record) + judged
        },
      },
    )
    progress.stop()
    if (flags.json) {
      stdout.write(`${JSON.stringify(card, null, 2)}\n`)
      return
    }
    const told = (value: number | null): string => (value === null ? 'none' : value.toFixed(4))
    stdout.write(`validation AUROC, normal against synthetic: ${told(card.validation.first)} before, `)
    stdout.write(`${told(card.validation.last)} after ${card.steps} steps\n`)
    stdout.write(`backbone: ${resolve(join(flags.output, 'backbone.safetensors'))}\n`)
  } finally {
    progress.stop()
  }
}

function describeStep({ loss, learningRate, imagesPerSecond }: StepRecord): string {
  return `loss ${loss.toFixed(3)}, rate ${learningRate.toExponential(1)}, ${imagesPerSecond.toFixed(1)} images/s`
}
