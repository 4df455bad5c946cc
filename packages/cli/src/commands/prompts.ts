import { basename, dirname, resolve } from 'node:path'
import type { TextEmbedder } from '@tab/core'
import { encodePrompts, savePrototypes, type PresetName, type PromptEnsemble } from '@tab/prompts'
import { diskCache } from '@tab/prompts/node'
import { Command, Option } from 'commander'
import { claimOutput, loadEmbedder, promptsOfClass } from '@tab/pipeline/node'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { nameList, offlineOption, wholeNumber } from './options.ts'

interface EnsembleFlags {
  readonly class: string
  readonly preset: PresetName
  readonly defects: readonly string[]
}

interface PrintFlags extends EnsembleFlags {
  readonly json: boolean
}

interface EncodeFlags extends EnsembleFlags {
  readonly model: string
  readonly precision: 'fp32' | 'quantized'
  readonly average: 'normalised' | 'raw'
  readonly batchSize: number
  readonly cache?: string
  readonly offline: boolean
  readonly output: string
  readonly overwrite: boolean
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

function ensembleOf({ class: name, preset, defects }: EnsembleFlags): PromptEnsemble {
  return promptsOfClass(name, { preset, defects })
}

function runPrint(flags: PrintFlags, { stdout }: Terminal): void {
  const { normal, abnormal } = ensembleOf(flags)
  if (flags.json) {
    stdout.write(`${JSON.stringify({ normal, abnormal }, null, 2)}\n`)
    return
  }
  stdout.write(`normal, ${normal.length} prompts\n${normal.map((prompt) => `  ${prompt}\n`).join('')}`)
  stdout.write(`abnormal, ${abnormal.length} prompts\n${abnormal.map((prompt) => `  ${prompt}\n`).join('')}`)
}

async function runEncode(flags: EncodeFlags, { stdout, stderr, signal }: Terminal): Promise<void> {
  await using claim = await claimOutput(dirname(flags.output), [basename(flags.output)], flags.overwrite, {
    reads: [flags.model],
  })
  const prompts = ensembleOf(flags)
  const progress = progressDisplay(stderr)
  const task = { signal, onProgress: progress.report }
  let embedder: TextEmbedder | undefined
  try {
    embedder = await loadEmbedder(flags.model, flags.precision, flags.offline, task)
    const prototypes = await encodePrompts(prompts, embedder, {
      ...task,
      batchSize: flags.batchSize,
      average: flags.average,
      ...(flags.cache ? { cache: diskCache(flags.cache) } : {}),
    })
    await claim.publish({ [basename(flags.output)]: savePrototypes(prototypes) })
    progress.stop()
    const { normal, abnormal, cosine } = prototypes
    const file = resolve(flags.output)
    if (flags.json) {
      const counts = { normalPrompts: normal.count, abnormalPrompts: abnormal.count }
      stdout.write(`${JSON.stringify({ model: embedder.id, ...counts, cosine, file }, null, 2)}\n`)
      return
    }
    stdout.write(`${embedder.id}: ${normal.count} normal and ${abnormal.count} abnormal prompts, `)
    stdout.write(`cosine between the two ${cosine.toFixed(4)}\n${file}\n`)
  } finally {
    progress.stop()
    embedder?.dispose()
  }
}
