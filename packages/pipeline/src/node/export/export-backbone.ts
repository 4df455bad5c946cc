import { basename, dirname, extname, resolve } from 'node:path'
import { readNaming, TabError, throwIfAborted } from '@tab/core'
import { exportOnnx, loadBackbone, saveBackbone, type Architecture } from '@tab/model'
import { readWeights } from '@tab/weights/node'
import { EXPORT_SPEC, type ExportSpec } from '../../spec/export-spec.ts'
import { parseSpec } from '../../spec/parse-spec.ts'
import { claimOutput } from '../files/claim-output.ts'
import type { PipelineTask } from '../pipeline-task.ts'

/** What was written. */
export interface ExportResult {
  /** Absolute path. */
  readonly output: string
  /** Name of the backbone. */
  readonly backbone: string
  readonly architecture: Architecture
  readonly bytes: number
  /** Of ONNX alone. */
  readonly layers?: readonly string[]
  readonly layout?: 'nhwc' | 'nchw'
}

/**
 * Writes a backbone as ONNX or as safetensors.
 * @throws INVALID_ARGUMENT naming the field, NOT_FOUND, INVALID_DATA naming the weights; ABORTED
 * @example
 * ```ts
 * import { exportBackbone } from '@tab/pipeline/node'
 *
 * const { architecture, layout } = await exportBackbone({ backbone: 'resnet18.safetensors', output: 'exported.onnx', layers: ['layer2'] })
 * console.log(architecture, layout) // resnet18 nhwc
 * ```
 */
export async function exportBackbone(
  given: ExportSpec,
  { signal, onProgress }: PipelineTask = {},
): Promise<ExportResult> {
  const spec = parseSpec(EXPORT_SPEC, given)
  const { output, layout = 'nhwc' } = spec
  await using claim = await claimOutput(dirname(output), [basename(output)], spec.overwrite ?? false, {
    reads: [spec.backbone],
  })
  const { bytes, format, name, path } = await readWeights(spec.backbone, 'spec.backbone', { signal, onProgress })
  if (format === 'onnx') {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'spec.backbone',
      expected: 'weights as .safetensors, a folder of tab pretrain or a hub id of such',
      actual: `${spec.backbone}, which is ONNX already`,
    })
  }
  const { backbone } = readNaming(`spec.backbone ${path}`, () => loadBackbone(bytes))
  const layers = spec.layers ?? backbone.layers.map((layer) => layer.name)
  const isOnnx = extname(output) === '.onnx'
  const content = isOnnx ? exportOnnx(backbone, { layers, layout }) : saveBackbone(backbone)
  throwIfAborted('exportBackbone', signal)
  await claim.publish({ [basename(output)]: content })
  const { architecture } = backbone
  const written = { output: resolve(output), backbone: name, architecture, bytes: content.byteLength }
  return isOnnx ? { ...written, layers, layout } : written
}
