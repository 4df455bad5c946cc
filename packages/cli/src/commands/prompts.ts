import type { PrototypesSpec } from '@tab/pipeline'
import { promptsOfClass, prototypesOfClass } from '@tab/pipeline/node'
import type { PresetName } from '@tab/prompts'
import { Command, Option } from 'commander'
import { runTask } from '../terminal/run-task.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { nameList, offlineOption, wholeNumber } from './options.ts'

interface PrintFlags {
  readonly class: string
  readonly preset: PresetName
  readonly defects: readonly string[]
  readonly json: boolean
}

interface EncodeFlags extends PrototypesSpec {
  readonly json: boolean
}

const CLASS = ['--class <name>', 'class of a known data set (MVTec AD, BTAD, KSDD2, VisA, MPDD) or any noun'] as const

/** `tab prompts` prints the prompt ensemble of a class; `tab prompts encode` embeds it. */
export function promptsCommand(terminal: Terminal): Command {
  const encode = withEnsemble(new Command('encode'))
    .requiredOption(...CLASS)
    .description('Embed the ensemble with a CLIP text model and save the two prototypes.')
    .requiredOption('--model <id>', 'folder of a model, hub id, or "lexical" (no semantics, for trying things out)')
    .requiredOption('--output <file>', 'safetensors file to write')
    .addOption(new Option('--precision <name>', 'weights of the model').choices(['fp32', 'quantized']).default('fp32'))
    .addOption(
      new Option('--average <way>', 'unit vectors first, or the mean of raw ones')
        .choices(['normalised', 'raw'])
        .default('normalised'),
    )
    .option('--batch-size <n>', 'prompts per step', wholeNumber(1), 64)
    .option('--cache <dir>', 'keep prototypes there, by content of the model and prompts')
    .addOption(offlineOption())
    .option('--overwrite', 'replace the file', false)
    .option('--json', 'print what was written as JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab prompts encode --class screw --model Xenova/clip-vit-base-patch16 --output screw.safetensors',
    )
    .action((flags: EncodeFlags) => runEncode(flags, terminal))
  return withEnsemble(new Command('prompts'))
    .option(...CLASS) // required, but not when a subcommand follows
    .description('Print the sentences that describe a part with and without defects.')
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  tab prompts --class screw --defects scratched,bent')
    .action((flags: PrintFlags, command: Command) => {
      if (flags.class === undefined) command.error("error: required option '--class <name>' not specified")
      runPrint(flags, terminal)
    })
    .addCommand(encode)
}

function withEnsemble(command: Command): Command {
  return command
    .addOption(
      new Option('--preset <name>', 'ensemble').choices(['winclip', 'tab', 'industrial']).default('industrial'),
    )
    .option('--defects <names>', 'known defects as adjectives, with commas between', nameList, [])
}

function runPrint({ class: name, preset, defects, json }: PrintFlags, { stdout }: Terminal): void {
  const { normal, abnormal } = promptsOfClass(name, { preset, defects })
  if (json) {
    stdout.write(`${JSON.stringify({ normal, abnormal }, null, 2)}\n`)
    return
  }
  stdout.write(`normal, ${normal.length} prompts\n${normal.map((prompt) => `  ${prompt}\n`).join('')}`)
  stdout.write(`abnormal, ${abnormal.length} prompts\n${abnormal.map((prompt) => `  ${prompt}\n`).join('')}`)
}

async function runEncode({ json, ...flags }: EncodeFlags, terminal: Terminal): Promise<void> {
  const {
    class: name,
    preset,
    defects,
    model,
    precision,
    average,
    batchSize,
    cache,
    offline,
    output,
    overwrite,
  } = flags
  const spec = { class: name, preset, defects, model, precision, average, batchSize, cache, offline, output, overwrite }
  const result = await runTask(terminal, (task) => prototypesOfClass(spec, task))
  if (json) return void terminal.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  const { normalPrompts, abnormalPrompts, cosine, file } = result
  terminal.stdout.write(`${result.model}: ${normalPrompts} normal and ${abnormalPrompts} abnormal prompts, `)
  terminal.stdout.write(`cosine between the two ${cosine.toFixed(4)}\n${file}\n`)
}
