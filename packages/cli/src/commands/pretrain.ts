import type { LayoutName } from '@tab/data'
import { ARCHITECTURES, PRETRAIN_PRESETS, type Architecture } from '@tab/model'
import type { StepRecord } from '@tab/model/training'
import { ENGINE_NAMES, KIND_NAMES, type PretrainSpec, type TrainingEngine } from '@tab/pipeline'
import { pretrain } from '@tab/pipeline/node'
import { curvesPage } from '@tab/report'
import { Command, Option } from 'commander'
import { pretrainText, pretrainWarnings } from '../terminal/pretrain-text.ts'
import { runTask } from '../terminal/run-task.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { layoutOption, nameList, numberWithin, offlineOption, wholeNumber } from './options.ts'
import { settingsFromFlags, type SettingsFlags } from './settings-from-flags.ts'

interface PretrainFlags extends SettingsFlags {
  readonly data: readonly string[]
  readonly layout?: LayoutName
  readonly category?: readonly string[]
  readonly init?: string
  readonly architecture?: Architecture
  readonly textModel?: string
  readonly anomalies?: string
  readonly validation?: number
  readonly patience?: number
  readonly engine?: TrainingEngine
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
    .option(
      '--init <weights>',
      'to start from: tab-resnet18, .safetensors, folder of tab pretrain, hub id, or "random" (default: tab-resnet18; random for another --architecture)',
    )
    .addOption(
      new Option('--architecture <name>', 'default: what --init holds, resnet18 for random weights').choices([
        ...ARCHITECTURES,
      ]),
    )
    .addOption(
      new Option(
        '--preset <name>',
        'settings, prompts, anomalies and preparation; with a version or the one of the results',
      )
        .choices(Object.keys(PRETRAIN_PRESETS))
        .default('tab'),
    )
    .option('--image-size <n>', 'side in pixels (default: the preset says)', wholeNumber(32))
    .option('--steps <n>', 'optimizer steps (default: the preset says)', wholeNumber(1))
    .option('--batch <n>', 'pairs of a pass (default: the preset says)', wholeNumber(1))
    .option('--accumulate <n>', 'passes of a step, when one does not fit memory (default: 1)', wholeNumber(1))
    .option('--set <name=value...>', 'single settings, such as losses.separation=2 ema=0.99 (see the README)', [])
    .option(
      '--text-model <id>',
      'CLIP text model by hub id or folder, table of embeddings (.safetensors), or "lexical" (no semantics; default of tab)',
    )
    .addOption(
      new Option('--anomalies <kind>', 'what anomalies are made (default: the preset says)').choices([...KIND_NAMES]),
    )
    .option(
      '--validation <share>',
      'share of each class held out to judge the training; 0: none (default: the preset says)',
      numberWithin(0, 0.9),
    )
    .option(
      '--patience <n>',
      'stop after n validations without a better one, and keep the best weights',
      wholeNumber(1),
    )
    .addOption(
      new Option(
        '--engine <name>',
        'engine of tfjs, or onnx: ONNX Runtime for the backbone, the fastest on a processor (default: the best of tfjs)',
      ).choices(ENGINE_NAMES),
    )
    .option('--threads <n>', 'threads of onnx and of the wasm engine', wholeNumber(1))
    .option('--workers <n>', 'threads that make anomalies meanwhile; 0: the main one does', wholeNumber(0), 1)
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0), 0)
    .option('--resume', 'resume from the checkpoint in the output folder', false)
    .addOption(offlineOption())
    .option('--overwrite', 'replace an earlier result in the output folder', false)
    .option('--json', 'print the model card', false)
    .addHelpText('after', '\nExample:\n  tab pretrain --data mvtec/screw mvtec/grid --steps 200 --output screw-grid')
    .action((flags: PretrainFlags) => runPretrain(flags, terminal))
}

async function runPretrain(flags: PretrainFlags, terminal: Terminal): Promise<void> {
  const { data, layout, category, output, init, architecture, preset, textModel, anomalies, engine } = flags
  const { validation, patience, threads, workers, seed, resume, overwrite } = flags
  const spec: PretrainSpec = {
    ...{ data, layout, category, output, init, architecture, preset, textModel, anomalies, engine },
    ...{ validation, patience, threads, workers, seed, resume, overwrite, settings: settingsFromFlags(flags) },
  }
  let last = ''
  let judged = ''
  const { card, backbone } = await runTask(terminal, (task, progress) =>
    pretrain(spec, {
      ...task,
      drawCurves: curvesPage,
      onProgress: (step) => progress.report(step, step.phase === 'pretrain' ? last : undefined),
      onStep(record) {
        if (record.validation !== undefined) judged = `, validation ${record.validation.toFixed(3)}`
        last = describeStep(record) + judged
      },
    }),
  )
  const { stdout, stderr } = terminal
  if (!flags.json) return void stdout.write(pretrainText(card, backbone))
  stdout.write(`${JSON.stringify(card, null, 2)}\n`)
  for (const warning of pretrainWarnings(card)) stderr.write(`${warning}\n`)
}

function describeStep({ loss, learningRate, imagesPerSecond }: StepRecord): string {
  return `loss ${loss.toFixed(3)}, rate ${learningRate.toExponential(1)}, ${imagesPerSecond.toFixed(1)} images/s`
}
