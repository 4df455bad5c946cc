import { join, resolve } from 'node:path'
import type { EngineName } from '@tab/backend-tfjs'
import { ARCHITECTURES, type Architecture } from '@tab/model'
import { PRETRAIN_PRESETS } from '@tab/model/training'
import { Command, Option } from 'commander'
import { claimOutput } from '../files/claim-output.ts'
import { pretrainToFolder } from '../pretraining/pretrain-to-folder.ts'
import { KIND_NAMES, RECIPE } from '../synthesis/kinds.ts'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { wholeNumber } from './options.ts'

const ENGINES: readonly EngineName[] = ['node-gpu', 'node', 'webgpu', 'wasm', 'cpu']

interface PretrainFlags {
  readonly data: readonly string[]
  readonly init: string
  readonly architecture: Architecture
  readonly preset: keyof typeof PRETRAIN_PRESETS
  readonly imageSize?: number
  readonly steps?: number
  readonly batch?: number
  readonly textModel: string
  readonly anomalies: string
  readonly engine?: EngineName
  readonly threads?: number
  readonly workers: number
  readonly seed: number
  readonly output: string
  readonly resume: boolean
  readonly overwrite: boolean
}

/** `tab pretrain`: align a backbone with text on normal images and synthetic anomalies. */
export function pretrainCommand(terminal: Terminal): Command {
  return new Command('pretrain')
    .description('Align a backbone with text, on images of good parts and anomalies made from them.')
    .requiredOption('--data <dirs...>', 'data sets with train/good; each is a class of the name of its folder')
    .requiredOption('--output <dir>', 'folder for weights, history and model card')
    .option('--init <file>', 'weights to start from (.safetensors), or "random"', 'random')
    .addOption(new Option('--architecture <name>', 'of random weights').choices([...ARCHITECTURES]).default('resnet18'))
    .addOption(new Option('--preset <name>', 'settings').choices(Object.keys(PRETRAIN_PRESETS)).default('tab'))
    .option('--image-size <n>', 'side in pixels (default: the preset says)', wholeNumber(32))
    .option('--steps <n>', 'optimizer steps (default: the preset says)', wholeNumber(1))
    .option('--batch <n>', 'pairs of a step (default: the preset says)', wholeNumber(1))
    .option('--text-model <id>', 'CLIP text model by hub id or folder, or "lexical" (no semantics)', 'lexical')
    .addOption(new Option('--anomalies <kind>', 'what anomalies are made').choices([...KIND_NAMES]).default(RECIPE))
    .addOption(new Option('--engine <name>', 'tfjs engine (default: the best that works)').choices([...ENGINES]))
    .option('--threads <n>', 'threads of the wasm engine', wholeNumber(1))
    .option('--workers <n>', 'threads that make anomalies meanwhile; 0: the main one does', wholeNumber(0), 1)
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0), 0)
    .option('--resume', 'go on from the checkpoint in the output folder', false)
    .option('--overwrite', 'replace an earlier result in the output folder', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab pretrain --data mvtec/screw mvtec/grid --init resnet18.safetensors --steps 200 --output screw-grid',
    )
    .action((flags: PretrainFlags) => runPretrain(flags, terminal))
}

async function runPretrain(flags: PretrainFlags, { stdout, stderr, signal }: Terminal): Promise<void> {
  if (!flags.resume) await claimOutput(flags.output, ['backbone.safetensors', 'checkpoint'], flags.overwrite)
  const progress = progressDisplay(stderr)
  const preset = PRETRAIN_PRESETS[flags.preset]
  const settings = {
    ...preset,
    imageSize: flags.imageSize ?? preset.imageSize,
    steps: flags.steps ?? preset.steps,
    pairs: flags.batch ?? preset.pairs,
  }
  try {
    const card = await pretrainToFolder(
      { ...flags, settings },
      { signal, onProgress: progress.report, onNote: (note) => void stderr.write(`${note}\n`) },
    )
    progress.stop()
    const told = (value: number | null): string => (value === null ? 'none' : value.toFixed(4))
    stdout.write(`validation AUROC, normal against synthetic: ${told(card.validation.first)} before, `)
    stdout.write(`${told(card.validation.last)} after ${card.steps} steps\n`)
    stdout.write(`backbone: ${resolve(join(flags.output, 'backbone.safetensors'))}\n`)
  } finally {
    progress.stop()
  }
}
