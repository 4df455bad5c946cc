import { extname } from 'node:path'
import type { ExportSpec } from '@tab/pipeline'
import { exportBackbone } from '@tab/pipeline/node'
import { Command, Option } from 'commander'
import { runTask } from '../terminal/run-task.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { BACKBONE_HELP, nameList, offlineOption } from './options.ts'

interface ExportFlags extends ExportSpec {
  readonly json: boolean
}

/** `tab export`: a backbone as an ONNX or a safetensors file. */
export function exportCommand(terminal: Terminal): Command {
  const command = new Command('export')
    .description('Write a backbone as ONNX, for any runtime, or as safetensors with torchvision names.')
    .requiredOption('--backbone <weights>', BACKBONE_HELP)
    .requiredOption('--output <file>', 'file to write, .onnx or .safetensors')
    .option('--layers <names>', 'ONNX: feature layers that it puts out (default: all it has)', nameList)
    .addOption(
      new Option(
        '--layout <name>',
        'ONNX: nhwc takes RGB in [0,1] and normalises it; nchw takes normalised images, as PyTorch does (default: nhwc)',
      ).choices(['nhwc', 'nchw']),
    )
    .addOption(offlineOption())
    .option('--overwrite', 'replace the file', false)
    .option('--json', 'print what was written as JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab export --backbone screw-grid --output screw-grid.onnx --layers layer2,layer3 --layout nchw',
    )
  return command.action(async (flags: ExportFlags) => {
    const format = extname(flags.output)
    if (format !== '.onnx' && format !== '.safetensors') {
      command.error(`error: option '--output <file>' must end in .onnx or .safetensors, got "${flags.output}"`)
    }
    if (format === '.safetensors' && (flags.layers ?? flags.layout) !== undefined) {
      command.error('error: --layers and --layout are for .onnx files')
    }
    await runExport(flags, terminal)
  })
}

async function runExport({ json, ...flags }: ExportFlags, terminal: Terminal): Promise<void> {
  const { backbone, output, layers, layout, overwrite } = flags
  const result = await runTask(terminal, (task) =>
    exportBackbone({ backbone, output, layers, layout, overwrite }, task),
  )
  if (json) return void terminal.stdout.write(`${JSON.stringify(result)}\n`)
  const what = result.layers ? `ONNX, ${result.layout}, ${result.layers.join(', ')}` : 'safetensors'
  terminal.stdout.write(`${result.backbone} (${result.architecture}) as ${what}: ${result.output}\n`)
}
