import { basename, dirname, extname, resolve } from 'node:path'
import { readNaming, TabError, throwIfAborted } from '@tab/core'
import { exportOnnx, loadBackbone, saveBackbone, type ExportOnnxOptions } from '@tab/model'
import { Command, Option } from 'commander'
import { claimOutput } from '@tab/pipeline/node'
import { readWeights } from '@tab/weights/node'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { BACKBONE_HELP, nameList, offlineOption } from './options.ts'

interface ExportFlags {
  readonly backbone: string
  readonly output: string
  readonly layers?: readonly string[]
  readonly layout?: ExportOnnxOptions['layout']
  readonly overwrite: boolean
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

async function runExport(flags: ExportFlags, { stdout, stderr, signal }: Terminal): Promise<void> {
  const { output } = flags
  await using claim = await claimOutput(dirname(output), [basename(output)], flags.overwrite, {
    reads: [flags.backbone],
  })
  const progress = progressDisplay(stderr)
  const task = { signal, onProgress: progress.report }
  const { bytes, format, name, path } = await readWeights(flags.backbone, 'spec.backbone', task).finally(progress.stop)
  if (format === 'onnx') {
    throw new TabError('INVALID_ARGUMENT', {
      where: '--backbone',
      expected: 'weights as .safetensors, a folder of tab pretrain or a hub id of such',
      actual: `${flags.backbone}, which is ONNX already`,
    })
  }
  const { backbone } = readNaming(`spec.backbone ${path}`, () => loadBackbone(bytes))
  const { architecture } = backbone
  const layers = flags.layers ?? backbone.layers.map((layer) => layer.name)
  const layout = flags.layout ?? 'nhwc'
  const isOnnx = extname(output) === '.onnx'
  const content = isOnnx ? exportOnnx(backbone, { layers, layout }) : saveBackbone(backbone)
  throwIfAborted('tab export', signal)
  await claim.publish({ [basename(output)]: content })
  const told = { output: resolve(output), backbone: name, architecture, bytes: content.byteLength }
  if (flags.json) stdout.write(`${JSON.stringify(isOnnx ? { ...told, layers, layout } : told)}\n`)
  else {
    const what = isOnnx ? `ONNX, ${layout}, ${layers.join(', ')}` : 'safetensors'
    stdout.write(`${name} (${architecture}) as ${what}: ${told.output}\n`)
  }
}
